import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readProject, typeChecker } from '../typescript/type-check.mjs';
import { workspacePackages } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';
import { sourceFiles } from '../workspace/source-files.mjs';

/**
 * Every file type-checks: sources, tests, configuration and scripts; core's sources alone, without any types; and
 * otel's on the newer of the two APIs it supports, bullmq's on the older of the two majors.
 */
export function run() {
  const projects = [
    ...workspacePackages().map(({ folder }) => `${folder}/tsconfig.json`),
    'packages/core/tsconfig.build.json',
    'packages/otel/tsconfig.api-1-10.json',
    'packages/bullmq/tsconfig.bullmq-5.json',
    'tsconfig.json',
  ]
    .map((project) => join(root, project))
    .filter((project) => existsSync(project));
  return { problems: [...projects.flatMap(typeChecker()), ...filesInNoProject(projects)] };
}

/** A file that no tsconfig.json includes would be checked by nobody. */
function filesInNoProject(/** @type {string[]} */ projects) {
  const included = new Set(projects.flatMap((project) => readProject(project).fileNames));
  return sourceFiles(['.ts', '.mts', '.cts', '.mjs', '.cjs', '.js'])
    .filter((file) => !file.startsWith('api/') && !included.has(join(root, file)))
    .map((file) => `${file} belongs to no tsconfig.json`);
}
