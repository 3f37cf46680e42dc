import { describe, expect, it } from 'vitest';
import { moduleSpecifiers } from '../typescript/module-specifiers.mjs';
import { importCircles } from './import-circles.mjs';

/** The circles of files with these texts. */
function circlesOf(/** @type {Record<string, string>} */ texts) {
  return importCircles(
    Object.entries(texts).map(([path, text]) => ({ path, modules: moduleSpecifiers(path, text) })),
  );
}

describe('import circles', () => {
  it('are none where every import leads further down', () => {
    const texts = {
      'src/a.ts': `import './b.ts'; import './deep/c.ts';`,
      'src/b.ts': `import './deep/c.ts'; import 'b';`,
      'src/deep/c.ts': '',
    };
    expect(circlesOf(texts)).toEqual([]);
  });

  it('are found through any number of files and folders', () => {
    const texts = {
      'src/a.ts': `import './deep/b.ts';`,
      'src/deep/b.ts': `export * from './c.ts';`,
      'src/deep/c.ts': `await import('../a.ts');`,
    };
    expect(circlesOf(texts)).toEqual([
      'src/a.ts is in a circle of imports: src/a.ts → src/deep/b.ts → src/deep/c.ts → src/a.ts',
    ]);
  });

  it('are circles also of types', () => {
    const texts = { 'a.ts': `import type { B } from './b.ts';`, 'b.ts': `let a: import('./a.ts').A;` };
    expect(circlesOf(texts)).toEqual(['a.ts is in a circle of imports: a.ts → b.ts → a.ts']);
  });

  it('are told of a file that imports itself', () => {
    expect(circlesOf({ 'a.ts': `import './a.ts';` })).toEqual([
      'a.ts is in a circle of imports: a.ts → a.ts',
    ]);
  });

  it('leave out the files that only lead into one', () => {
    const texts = { 'a.ts': `import './b.ts';`, 'b.ts': `import './c.ts';`, 'c.ts': `import './b.ts';` };
    expect(circlesOf(texts)).toEqual(['b.ts is in a circle of imports: b.ts → c.ts → b.ts']);
  });

  it('are told by their first file that was not told of, each by its shortest way', () => {
    const texts = {
      'a.ts': `import './b.ts'; import './c.ts';`,
      'b.ts': `import './c.ts';`,
      'c.ts': `import './a.ts';`,
      'd.ts': `import './e.ts';`,
      'e.ts': `import './d.ts';`,
    };
    expect(circlesOf(texts)).toEqual([
      'a.ts is in a circle of imports: a.ts → c.ts → a.ts',
      'b.ts is in a circle of imports: b.ts → c.ts → a.ts → b.ts',
      'd.ts is in a circle of imports: d.ts → e.ts → d.ts',
    ]);
  });
});
