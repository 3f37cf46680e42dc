import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { root } from '../workspace/root.mjs';

/**
 * @typedef {object} Findings what a check's `run()` gives
 * @property {string[]} problems empty when it passed; each names its place and what to do
 * @property {string[]} [notes] worth a line even when it passed
 *
 * @typedef {object} CheckResult
 * @property {string} name
 * @property {boolean} passed
 * @property {number} seconds
 * @property {string[]} problems
 * @property {string[]} notes
 */

const checkProcess = fileURLToPath(new URL('check-process.mjs', import.meta.url));
const deadlineMs = 600_000;

/**
 * Runs one check in a process of its own. A check that crashes, hangs or says nothing has failed.
 *
 * @param {string} name
 * @param {string} scratch a folder that the checks of one run share
 * @returns {Promise<CheckResult>}
 */
export function runCheck(name, scratch) {
  const started = performance.now();
  const env = { ...process.env, THROUGHLINE_CHECKS_SCRATCH: scratch };
  const child = fork(checkProcess, [name], { cwd: root, env, silent: true, timeout: deadlineMs });
  let output = '';
  /** @type {Findings | undefined} */
  let findings;
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  child.once('message', (message) => (findings = /** @type {Findings} */ (message)));
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      /** @type {Findings} */
      const crashed = { problems: [`the check itself ended with ${signal ?? code}`, output.trim()] };
      const { problems, notes = [] } = findings ?? crashed;
      const seconds = (performance.now() - started) / 1000;
      resolve({ name, passed: problems.length === 0, seconds, problems, notes });
    });
  });
}
