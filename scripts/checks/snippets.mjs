import { join } from 'node:path';
import ts from 'typescript';
import { allSnippets } from '../snippets/snippets.mjs';
import { diagnosticText } from '../typescript/diagnostic-text.mjs';
import { virtualProgram } from '../typescript/virtual-program.mjs';
import { root } from '../workspace/root.mjs';

/** @type {ts.CompilerOptions} what a careful user compiles with */
const options = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  experimentalDecorators: true,
  skipLibCheck: true,
  noEmit: true,
};

/** Every snippet of the pages and the doc comments compiles against the built packages, as a module of its own. */
export function run() {
  const { checked, unchecked, problems } = allSnippets();
  const places = new Map(checked.map((snippet, index) => [virtualPath(index), snippet]));
  const program = virtualProgram(
    new Map([...places].map(([path, snippet]) => [path, atItsLine(snippet)])),
    options,
  );
  const errors = [...places].flatMap(([path, { file }]) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map((diagnostic) => diagnosticText(diagnostic, () => file));
  });
  const notes = [
    `${checked.length} snippets compiled`,
    ...unchecked.map((place) => `not compiled: ${place}`),
  ];
  return { problems: [...problems, ...errors], notes };
}

/** In `docs/`, whose package.json declares what snippets import. */
function virtualPath(/** @type {number} */ index) {
  return join(root, 'docs', `snippet-${index}.ts`);
}

/** With blank lines before it, so that the compiler counts as the page does. */
function atItsLine(/** @type {{ code: string, line: number }} */ { code, line }) {
  return '\n'.repeat(line - 1) + code;
}
