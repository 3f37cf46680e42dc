/**
 * The way in: `npm test` and `npm run demo`, from a fresh clone with nothing but Node and npm.
 *
 *     node scripts/bootstrap.mjs test [vitest arguments]
 *     node scripts/bootstrap.mjs demo [demo arguments]
 *
 * It has no dependency. It fetches the pinned pnpm through npm, installs from the lockfile, builds and runs.
 * Node's modules are imported after the version check, so that an old Node gets a sentence, not a stack trace.
 */

const oldest = { major: 20, minor: 19 };
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
  console.error(
    `Throughline needs Node ${oldest.major}.${oldest.minor} or newer; this is ${process.version}.`,
  );
  console.error('Install a current Node from https://nodejs.org and run the command again.');
  process.exit(1);
}

const { spawn } = await import('node:child_process');
const { randomUUID } = await import('node:crypto');
const { readFileSync } = await import('node:fs');
const { constants } = await import('node:os');
const { basename } = await import('node:path');
const { fileURLToPath } = await import('node:url');

const root = fileURLToPath(new URL('..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' };

/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 128 + constants.signals.SIGINT;

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const tasks = { test, demo };
const [name = '', ...rest] = process.argv.slice(2);
const task = tasks[name];
if (task === undefined) {
  console.error(`usage: node scripts/bootstrap.mjs ${Object.keys(tasks).join(' | ')} [arguments]`);
  process.exit(2);
}
await install();
process.exitCode = await task(rest);

/** Without arguments: every check, then every test. With arguments: the tests they select. */
async function test(/** @type {string[]} */ args) {
  if (args.length > 0) {
    console.log(
      'With arguments only the tests they select run; left out: the checks (`pnpm check` runs them).',
    );
    await build();
    return vitest(args);
  }
  env.THROUGHLINE_CHECKS_RUN = randomUUID();
  const checks = await pnpm(['exec', 'node', 'scripts/checks.mjs']);
  const tests = await vitest([]);
  return checks === 0 ? tests : 1;
}

/** The demo is one process of its own: it gets the arguments, Ctrl-C reaches it, its exit code is ours. */
async function demo(/** @type {string[]} */ args) {
  const built = await build('--filter=@throughline/example-loan-saga');
  return built === 0 ? run(process.execPath, ['examples/loan-saga/dist/main.js', ...args]) : built;
}

async function install() {
  console.log('Installing… (half a minute the first time, then a few seconds)');
  const progress = process.stdout.isTTY ? '--loglevel=info' : '--loglevel=warn';
  const code = await pnpm(['install', '--frozen-lockfile', '--prefer-offline', progress]);
  if (code === 0) return;
  if (code === INTERRUPTED) process.exit(code);
  console.error(`
The dependencies could not be installed (exit code ${code}); the reason is above.
 - No network, or behind a proxy? npm must reach its registry: try "npm ping".
 - Disk full, or no permission to write here? About 1 GB is needed in ${root}
Then run the same command again: it continues where it stopped.`);
  process.exit(1);
}

/** turbo looks for pnpm on PATH; `pnpm exec` puts the pinned one there. */
function build(/** @type {string[]} */ ...filter) {
  console.log('Building… (a minute the first time; what has not changed is taken from the cache)');
  return pnpm(['exec', 'turbo', 'run', 'build', '--ui=stream', '--output-logs=errors-only', ...filter]);
}

function vitest(/** @type {string[]} */ args) {
  return run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args]);
}

/** The pnpm that runs us if there is one, else the pinned one through the npm that runs us, else through npx. */
function pnpm(/** @type {string[]} */ args) {
  const caller = process.env.npm_execpath ?? '';
  const isScript = /\.[cm]?js$/.test(caller);
  if (basename(caller).startsWith('pnpm')) {
    return isScript ? run(process.execPath, [caller, ...args]) : run(caller, args);
  }
  if (basename(caller).startsWith('npm-cli')) {
    return run(process.execPath, [
      caller,
      'exec',
      '--yes',
      '--loglevel=error',
      '--',
      packageManager,
      ...args,
    ]);
  }
  return run('npx', ['--yes', '--loglevel=error', packageManager, ...args], process.platform === 'win32');
}

/**
 * Runs one program to its end and gives its exit code, 128 + the number of the signal that ended it. While it
 * runs, Ctrl-C is the program's to answer (the terminal sends it to both of us); other signals are passed on.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {boolean} [shell]
 * @returns {Promise<number>}
 */
function run(command, args, shell = false) {
  const child = spawn(command, args, { cwd: root, env, shell, stdio: ['ignore', 'inherit', 'inherit'] });
  const leaveToChild = () => {};
  const passOn = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on('SIGINT', leaveToChild).on('SIGTERM', passOn).on('SIGHUP', passOn);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`"${command}" could not be started: ${error.message}`);
      resolve(127);
    });
    child.once('close', (code, signal) => {
      process.off('SIGINT', leaveToChild).off('SIGTERM', passOn).off('SIGHUP', passOn);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
