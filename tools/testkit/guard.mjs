// node guard.mjs '{"signal","command","args","uid","gid","cwd","remove"}'
//
// Runs one server and ends it when standard input closes. The operating system closes that pipe for every way the
// parent can end, SIGKILL included, so no server and no data folder is left behind.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const GRACE_MS = 5_000;
const { signal, command, args, uid, gid, cwd, remove } = JSON.parse(process.argv[2]);
const child = spawn(command, args, { uid, gid, cwd, stdio: ['ignore', 'inherit', 'inherit'] });

let ending = false;
function end() {
  if (ending) return;
  ending = true;
  child.kill(signal);
  setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, end);
process.stdin.on('end', end).on('error', end).resume();

function leave(code) {
  if (remove !== undefined) rmSync(remove, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`, () => leave(127));
});
child.on('exit', (code) => leave(code ?? 1));
