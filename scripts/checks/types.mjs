import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { inParallel } from '../workspace/in-parallel.mjs';
import { workspacePackages } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';
import { runNode } from '../workspace/run-program.mjs';
import { sourceFiles } from '../workspace/source-files.mjs';

/** Every file type-checks: sources, tests, configuration and scripts, each package also as it is built. */
export async function run() {
  const projects = [
    'tsconfig.json',
    'scripts/tsconfig.json',
    ...workspacePackages().flatMap(({ folder }) => [
      `${folder}/tsconfig.json`,
      `${folder}/tsconfig.build.json`,
    ]),
  ].filter((project) => existsSync(join(root, project)));
  const failures = await inParallel(projects, typeCheck);
  return { problems: [...failures.flat(), ...filesInNoProject(projects)] };
}

async function typeCheck(/** @type {string} */ project) {
  const memory = join(root, 'node_modules/.cache/tsc', `${project.replaceAll('/', '-')}.tsbuildinfo`);
  const tsc = ['-p', project, '--noEmit', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', memory];
  const { code, output } = await runNode('node_modules/typescript/bin/tsc', tsc);
  return code === 0 ? [] : [`${project}:\n${output}`];
}

/** A file that no tsconfig includes would be checked by nobody. */
function filesInNoProject(/** @type {string[]} */ projects) {
  const included = new Set(projects.flatMap(filesOf));
  return sourceFiles(['.ts', '.mts', '.cts', '.mjs', '.cjs', '.js'])
    .filter((file) => !file.startsWith('api/') && !included.has(join(root, file)))
    .map((file) => `${file} belongs to no tsconfig.json`);
}

function filesOf(/** @type {string} */ project) {
  const { config } = ts.readConfigFile(join(root, project), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, join(root, project, '..')).fileNames;
}
