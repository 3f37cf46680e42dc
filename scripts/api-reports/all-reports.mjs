import { join } from 'node:path';
import ts from 'typescript';
import { entriesOf, publishedPackages } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';
import { apiReport } from './api-report.mjs';

/** @type {ts.CompilerOptions} */
const options = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  skipLibCheck: true,
};

/**
 * The API report of every entry of every published package, from what is built now.
 *
 * @returns {Map<string, string>} path from the root, `api/core/events.d.ts`, → text
 */
export function allReports() {
  const entries = publishedPackages().flatMap(entryFiles);
  const program = ts.createProgram(
    entries.map(({ declarations }) => declarations),
    options,
  );
  return new Map(
    entries.map(({ entry, declarations, report }) => [
      report,
      header(entry) + apiReport(declarations, program),
    ]),
  );
}

function entryFiles(/** @type {import('../workspace/packages.mjs').Package} */ { folder, manifest }) {
  return entriesOf(manifest).map((entry) => {
    const file = `${entry.slice(manifest.name.length + 1) || 'index'}.d.ts`;
    const report = `api/${folder.replace('packages/', '')}/${file}`;
    return { entry, report, declarations: join(root, folder, 'dist', file) };
  });
}

function header(/** @type {string} */ entry) {
  return `// The public shape of ${entry}. Written by \`pnpm api:update\`, compared by \`pnpm check\`.\n\n`;
}
