import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

const page = 'docs/reference/promises.md';
const tests = 'tools/promises/test';
const promises = Array.from({ length: 20 }, (_, index) => `R${index + 1}`);

/** Each promise has a row that names its tests, all of which exist; and each test of a promise is named. */
export function run() {
  const text = readFileSync(join(root, page), 'utf8');
  const files = readdirSync(join(root, tests)).filter((file) => file.endsWith('.test.ts'));
  return { problems: [...promises.flatMap((promise) => problemsOf(promise, text)), ...unnamed(files, text)] };
}

function problemsOf(/** @type {string} */ promise, /** @type {string} */ text) {
  const row = text.split('\n').find((line) => line.startsWith(`| ${promise} |`));
  if (row === undefined) return [`${page} has no row for ${promise}`];
  const targets = [...row.matchAll(/\]\(\.\.\/\.\.\/([^)]+\.test\.ts)\)/g)].map(([, target = '']) => target);
  if (targets.length === 0) return [`${page}: ${promise} names no test`];
  return targets
    .filter((target) => !existsSync(join(root, target)))
    .map((target) => `${page}: ${promise} names ${target}, which is not there`);
}

function unnamed(/** @type {string[]} */ files, /** @type {string} */ text) {
  return files
    .filter((file) => !text.includes(`/${file})`))
    .map((file) => `${page} does not name ${tests}/${file}`);
}
