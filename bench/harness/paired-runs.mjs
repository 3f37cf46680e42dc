import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const SUBJECT_PROCESS = fileURLToPath(new URL('./subject-process.mjs', import.meta.url));
const RUN_TIMEOUT_MS = 300_000;

/**
 * Runs every variant once per round, each in a fresh process, in an order that turns round after round, so that what
 * the machine does besides hits all variants alike.
 *
 * @param {Readonly<Record<string, URL>>} variants file of each variant
 * @param {number} rounds
 * @param {Readonly<Record<string, string>>} env added to each process's environment
 * @param {(round: number, variant: string) => void} onRun
 * @returns {Promise<Record<string, import('./subject.mjs').Measurement[]>>} per variant, in the order of the rounds
 */
export async function pairedRuns(variants, rounds, env, onRun) {
  const names = Object.keys(variants);
  /** @type {Record<string, import('./subject.mjs').Measurement[]>} */
  const measurements = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      onRun(round + 1, name);
      measurements[name]?.push(await runOnce(variants[name] ?? raise(name), env));
    }
  }
  return measurements;
}

/**
 * @param {URL} file
 * @param {Readonly<Record<string, string>>} env
 * @returns {Promise<import('./subject.mjs').Measurement>}
 */
async function runOnce(file, env) {
  const child = fork(SUBJECT_PROCESS, [file.href], {
    env: { ...process.env, ...env },
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    timeout: RUN_TIMEOUT_MS,
  });
  /** @type {import('./subject.mjs').Measurement | undefined} */
  let measurement;
  child.on('message', (message) => {
    measurement = /** @type {import('./subject.mjs').Measurement} */ (message);
  });
  const [code, signal] = await once(child, 'exit');
  if (measurement === undefined || code !== 0)
    throw new Error(`${file.pathname} ended with ${signal ?? code}`);
  return measurement;
}

/** @param {string} name @returns {never} */
function raise(name) {
  throw new Error(`No variant ${name}`);
}
