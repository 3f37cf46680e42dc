import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { virtualProgram } from '../typescript/virtual-program.mjs';
import { apiReport } from './api-report.mjs';

const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };

/** The report of `index.d.ts` beside these other files of `dist`. */
function report(/** @type {string} */ index, /** @type {Record<string, string>} */ others = {}) {
  const files = Object.entries({ 'index.d.ts': index, ...others });
  const texts = new Map(files.map(([name, text]) => [`/package/dist/${name}`, text]));
  return apiReport('/package/dist/index.d.ts', virtualProgram(texts, options));
}

describe('apiReport', () => {
  it('sorts what is exported, without comments', () => {
    expect(report('/** B. */ export declare function b(): void;\nexport declare const a: number;')).toBe(
      'const a: number;\n\nfunction b(): void;\n',
    );
  });

  it('does not show how the bundler split the files', () => {
    const chunk = { 'chunk-x1.d.ts': 'declare class Span { end(): void }\nexport { Span as S };' };
    const split = report(`export { S as Span } from './chunk-x1.js';`, chunk);
    expect(split).toBe(report('export declare class Span { end(): void }'));
  });

  it('tells the types that exports use but nobody can import', () => {
    expect(report('interface Hidden { a: 1 }\ndeclare function f(): Hidden;\nexport { f };')).toMatch(
      /function f\(\): Hidden;\n\n\/\/ used above.*\n\ninterface Hidden \{\n {4}a: 1;\n\}/,
    );
  });

  it('changes when the shape of an exported type changes', () => {
    const before = report('export interface Options { size: number }');
    expect(report('export interface Options { size?: number }')).not.toBe(before);
  });
});
