import process from 'node:process';

/**
 * What a stage of the soak is given, and how it tells what it sees. A stage is a process of its own: its last word is a
 * verdict, and its exit code says the same.
 *
 * @typedef {object} Stage
 * @property {number} seed
 * @property {() => boolean} goesOn until the time is over
 * @property {(line: string) => void} tell
 * @property {(held: boolean, what: string) => void} expect a promise, and whether it held; told when it did not
 */

/**
 * @param {(stage: Stage) => Promise<string>} play returns what was done, in one line
 */
export async function runStage(play) {
  const [seconds = '60', seed = '1'] = process.argv.slice(2);
  const end = Date.now() + Number(seconds) * 1000;
  /** @type {Set<string>} */
  const broken = new Set();
  const tell = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);
  const expect = (/** @type {boolean} */ held, /** @type {string} */ what) => {
    if (held || broken.has(what)) return;
    broken.add(what);
    tell(`BROKEN: ${what}`);
  };
  process.on('unhandledRejection', (error) => expect(false, `a rejection that nobody heard: ${error}`));
  const done = await play({ seed: Number(seed), goesOn: () => Date.now() < end, tell, expect });
  tell(`${broken.size === 0 ? 'held' : 'BROKEN'}: ${done}`);
  process.exit(broken.size === 0 ? 0 : 1);
}

/** @param {number} ms */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
