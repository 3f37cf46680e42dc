/**
 * Everything the repository promises about itself, checked: `pnpm check`, and the first half of `npm test`.
 *
 *     node scripts/checks.mjs                 every check
 *     node scripts/checks.mjs imports knip    these, and what they need
 *     node scripts/checks.mjs --with-unit     every check, then the unit tests
 *
 * A check is a module of `scripts/checks/` whose `run()` gives a list of problems. Each runs in a process of its
 * own, as many at a time as there are processors. The results are left in `node_modules/.cache/checks.json`,
 * where the closing line of the tests counts them.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCheck } from './checks/run-check.mjs';
import { scheduled } from './checks/scheduled.mjs';
import { root } from './workspace/root.mjs';

/** @type {readonly import('./checks/scheduled.mjs').Check[]} the longest first, so that none is waited for at the end */
const checks = [
  { name: 'build' },
  { name: 'types' },
  { name: 'pack', after: 'build' },
  { name: 'snippets', after: 'build' },
  { name: 'packed-jest', after: 'pack' },
  { name: 'packed-types', after: 'pack' },
  { name: 'attw', after: 'pack' },
  { name: 'knip' },
  { name: 'packed-modules', after: 'pack' },
  { name: 'api-reports', after: 'build' },
  { name: 'packed-imports', after: 'pack' },
  { name: 'publint', after: 'pack' },
  { name: 'budgets', after: 'build' },
  { name: 'imports' },
  { name: 'format' },
  { name: 'project-language' },
  { name: 'promises' },
];

const args = process.argv.slice(2);
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `No check is called ${unknown.join(', ')}. There are: ${checks.map(({ name }) => name).join(' ')}`,
  );
  process.exit(2);
}

const run = process.env.THROUGHLINE_CHECKS_RUN ?? randomUUID();
const failed = await runChecks(named.length > 0 ? withNeeds(named) : checks);
const unit = args.includes('--with-unit') && named.length === 0 ? runUnitTests() : 0;
process.exitCode = failed === 0 ? unit : 1;

/** Runs the checks, tells each result as it comes, and gives the number of failed ones. */
async function runChecks(/** @type {typeof checks} */ selected) {
  const report = join(root, 'node_modules/.cache/checks.json');
  rmSync(report, { force: true });
  const scratch = mkdtempSync(join(tmpdir(), 'throughline-checks-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

  const started = performance.now();
  const lanes = availableParallelism();
  const results = await scheduled(selected, lanes, ({ name }) => runCheck(name, scratch), tell);
  const broken = results.filter(({ passed }) => !passed);
  console.log(
    `${results.length - broken.length} of ${results.length} checks passed in ${seconds(started)} s`,
  );
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  writeFileSync(report, JSON.stringify({ run, checks: results }, null, 1));
  return broken.length;
}

function tell(
  /** @type {import('./checks/run-check.mjs').CheckResult} */ { name, passed, seconds, problems, notes },
) {
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(18)}${seconds.toFixed(1).padStart(5)} s`);
  for (const line of [...notes, ...problems]) console.log(line.replace(/^/gm, '    '));
}

/** The named checks and those they come after. */
function withNeeds(/** @type {string[]} */ names) {
  const needed = new Set(names);
  for (const check of [...checks].reverse()) {
    if (needed.has(check.name) && check.after !== undefined) needed.add(check.after);
  }
  return checks.filter(({ name }) => needed.has(name));
}

function runUnitTests() {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit'];
  const env = { ...process.env, THROUGHLINE_CHECKS_RUN: run };
  return (
    spawnSync(process.execPath, vitest, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }).status ??
    1
  );
}

function seconds(/** @type {number} */ since) {
  return ((performance.now() - since) / 1000).toFixed(1);
}
