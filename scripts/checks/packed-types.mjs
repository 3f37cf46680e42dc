import { join, relative } from 'node:path';
import ts from 'typescript';
import { installedPackages } from '../packed/consumer.mjs';
import { consumerFolder } from '../packed/scratch-folder.mjs';
import { diagnosticText } from '../typescript/diagnostic-text.mjs';
import { virtualProgram } from '../typescript/virtual-program.mjs';
import { entriesOf } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';

/** @type {ts.CompilerOptions} nothing is skipped: our declarations are checked too */
const strictest = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
};

/** The tarballs' declarations compile for an ESM and a CommonJS application; core's with no types around at all. */
export function run() {
  const packages = installedPackages();
  const entries = packages.flatMap(({ manifest }) => entriesOf(manifest));
  const core = entries.filter((entry) => /^@throughline\/core(\/|$)/.test(entry));
  const withNode = {
    ...strictest,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  return {
    problems: [
      ...errorsIn(['application.mts', 'application.cts'], entries, withNode),
      ...errorsIn(['core-alone.mts', 'core-alone.cts'], core, { ...strictest, types: [] }),
    ],
  };
}

function errorsIn(
  /** @type {readonly string[]} */ files,
  /** @type {readonly string[]} */ entries,
  /** @type {ts.CompilerOptions} */ options,
) {
  const text = entries.map(
    (entry, index) => `import * as entry${index} from '${entry}'; void entry${index};`,
  );
  const texts = new Map(files.map((file) => [join(consumerFolder, file), text.join('\n')]));
  const program = virtualProgram(texts, options);
  return program
    .getSourceFiles()
    .filter(({ fileName }) => texts.has(fileName) || fileName.includes('/@throughline/'))
    .flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ])
    .map((diagnostic) => diagnosticText(diagnostic, (place) => relative(consumerFolder, place)));
}
