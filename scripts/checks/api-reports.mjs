import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allReports } from '../api-reports/all-reports.mjs';
import { root } from '../workspace/root.mjs';
import { sourceFiles } from '../workspace/source-files.mjs';

/** The public shapes are the ones under `api/`: a change of the API is seen in a review, not found by a user. */
export function run() {
  const reports = allReports();
  const changed = [...reports].filter(([path, text]) => readReport(path) !== text);
  const left = existsSync(join(root, 'api'))
    ? sourceFiles(['.ts'], 'api').filter((path) => !reports.has(path))
    : [];
  return {
    problems: [
      ...changed.map(
        ([path, text]) => `${path} has changed at line ${firstDifference(readReport(path), text)}`,
      ),
      ...left.map((path) => `${path} belongs to no entry`),
      ...(changed.length + left.length > 0 ? ['if that is meant: pnpm api:update, and a changeset'] : []),
    ],
  };
}

function readReport(/** @type {string} */ path) {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
}

function firstDifference(/** @type {string} */ before, /** @type {string} */ now) {
  const lines = before.split('\n');
  const index = now.split('\n').findIndex((line, at) => line !== lines[at]);
  return `${index + 1}: ${now.split('\n')[index] ?? 'shorter now'}`;
}
