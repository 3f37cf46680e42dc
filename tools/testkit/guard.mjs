// node guard.mjs '{"commands","signal","uid","gid","cwd","remove"}'
//
// Runs commands one after the other, the last of them a server, and ends what runs when standard input closes. The
// operating system closes that pipe however the parent ends, SIGKILL included: no server and no data stays behind.
// A line on standard input is the name of a signal, which ends the server, or `start`, which starts it again.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const GRACE_MS = 5_000;

/**
 * @type {{
 *   commands: [program: string, ...args: string[]][],
 *   signal: NodeJS.Signals,
 *   uid?: number,
 *   gid?: number,
 *   cwd?: string,
 *   remove?: string,
 * }}
 */
const { commands, signal, remove, ...spawnOptions } = JSON.parse(process.argv[2] ?? '{}');
const server = commands.at(-1) ?? [''];

/** @type {import('node:child_process').ChildProcess | undefined} */
let child;
let ending = false;
let halting = false;

function runNext() {
  const [program, ...args] = commands.shift() ?? server;
  child = spawn(program, args, { ...spawnOptions, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', (error) => process.stderr.write(`${error.message}\n`, () => leave(127)));
  child.on('exit', (code) => {
    child = undefined;
    if (ending) leave(code ?? 1);
    else if (halting) process.stdout.write('guard: the server has ended\n');
    else if (code === 0 && commands.length > 0) runNext();
    else leave(code ?? 1);
  });
}

/** @param {string} order */
function obey(order) {
  halting = order !== 'start';
  if (halting) child?.kill(/** @type {NodeJS.Signals} */ (order));
  else runNext();
}

function end() {
  if (ending) return;
  ending = true;
  if (child === undefined) leave(0);
  child?.kill(signal);
  setTimeout(() => child?.kill('SIGKILL'), GRACE_MS).unref();
}

/** @param {number} code */
function leave(code) {
  if (remove !== undefined) rmSync(remove, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, end);
runNext();
process.stdin.on('end', end).on('error', end);
process.stdin.on('data', (orders) => String(orders).trim().split('\n').forEach(obey));
