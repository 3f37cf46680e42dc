/**
 * @typedef {object} Check
 * @property {string} name the module in `scripts/checks/`
 * @property {string} [after] the check that must have passed before this one can run
 *
 * @typedef {import('./run-check.mjs').CheckResult} CheckResult
 */

/**
 * Runs the checks in their order, `lanes` at a time, each after the one it needs. A check whose need failed is not
 * run: it fails with that reason. The results come in the order of the checks.
 *
 * @param {readonly Check[]} checks
 * @param {number} lanes
 * @param {(check: Check) => Promise<CheckResult>} run
 * @param {(result: CheckResult) => void} tell called with each result as it comes
 * @returns {Promise<CheckResult[]>}
 */
export async function scheduled(checks, lanes, run, tell) {
  const waiting = [...checks];
  /** @type {Map<string, CheckResult>} */
  const results = new Map();
  /** @type {Set<Promise<void>>} */
  const running = new Set();

  while (waiting.length > 0 || running.size > 0) {
    const next = running.size < lanes ? takeRunnable(waiting, results) : undefined;
    if (next === undefined) {
      await Promise.race(running);
      continue;
    }
    const work = runUnlessBlocked(next).then((result) => {
      results.set(next.name, result);
      running.delete(work);
      tell(result);
    });
    running.add(work);
  }
  return checks.map(({ name }) => /** @type {CheckResult} */ (results.get(name)));

  async function runUnlessBlocked(/** @type {Check} */ check) {
    const need = check.after === undefined ? undefined : results.get(check.after);
    return need?.passed === false ? notRun(check) : run(check);
  }
}

/** The first waiting check whose need has ended, well or not. */
function takeRunnable(/** @type {Check[]} */ waiting, /** @type {Map<string, CheckResult>} */ results) {
  const index = waiting.findIndex(({ after }) => after === undefined || results.has(after));
  return index === -1 ? undefined : waiting.splice(index, 1)[0];
}

/** @returns {CheckResult} */
function notRun(/** @type {Check} */ { name, after }) {
  return { name, passed: false, seconds: 0, problems: [`not run, because ${after} failed`], notes: [] };
}
