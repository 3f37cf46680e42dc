/**
 * Everything that breaks, for as long as you like: `pnpm soak [minutes=1] [seed]`.
 *
 * Three stages run at the same time, each in processes of its own: a store that is nearly always broken, writers that are
 * killed, and a network that breaks between BullMQ and Redis. They end by themselves and tell whether the promises of
 * docs/reference/promises.md held; the exit code says the same. The seed gives the same choices again.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { root } from './workspace/root.mjs';

const stages = ['dead-store', 'kills', 'network'];
/** What a stage may need, beyond its time, to let everything come to rest. */
const graceMs = 480_000;

const [minutes = '1', seed = String(Date.now() % 2 ** 31), ...rest] = process.argv.slice(2);
const isUsage = !(Number(minutes) > 0) || !Number.isSafeInteger(Number(seed)) || rest.length > 0;
if (isUsage) {
  console.log(`usage: pnpm soak [minutes=1] [seed]

Runs ${stages.join(', ')} at the same time for so many minutes; fractions are welcome.
Ends with 0 when every promise held, and with 1 when one was broken, which it names.`);
  process.exit(minutes === '--help' || minutes === '-h' ? 0 : 2);
}

console.log(`${minutes} min from seed ${seed}`);
const held = await Promise.all(stages.map(play));
const broken = stages.filter((_, at) => !held[at]);
console.log(
  broken.length === 0
    ? `every promise held (seed ${seed})`
    : `BROKEN in ${broken.join(', ')} (seed ${seed}: pnpm soak ${minutes} ${seed})`,
);
process.exitCode = broken.length === 0 ? 0 : 1;

/** @returns {Promise<boolean>} whether the stage held */
function play(/** @type {string} */ stage) {
  const seconds = Number(minutes) * 60;
  const program = ['--expose-gc', `${root}/tools/promises/soak/${stage}.mjs`, String(seconds), seed];
  const child = spawn(process.execPath, program, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: seconds * 1000 + graceMs,
    killSignal: 'SIGKILL',
  });
  createInterface({ input: child.stdout }).on('line', (line) => console.log(`${stage}: ${line}`));
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(code === 0));
  });
}
