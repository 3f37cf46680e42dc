// node guard.mjs '{"commands","signal","uid","gid","cwd","remove"}'
//
// Runs commands one after the other, the last of them a server, and ends what runs when standard input closes. The
// operating system closes that pipe however the parent ends, SIGKILL included: no server and no data stays behind.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const GRACE_MS = 5_000;
const { commands, signal, uid, gid, cwd, remove } = JSON.parse(process.argv[2]);
let child;
let ending = false;

function runNext() {
  const [command, ...args] = commands.shift();
  child = spawn(command, args, { uid, gid, cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', (error) => process.stderr.write(`${error.message}\n`, () => leave(127)));
  child.on('exit', (code) => (code === 0 && commands.length > 0 && !ending ? runNext() : leave(code ?? 1)));
}

function end() {
  if (ending) return;
  ending = true;
  child.kill(signal);
  setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
}

function leave(code) {
  if (remove !== undefined) rmSync(remove, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, end);
runNext();
process.stdin.on('end', end).on('error', end).resume();
