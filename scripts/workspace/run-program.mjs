import { spawn } from 'node:child_process';
import { root } from './root.mjs';

/**
 * Runs a program without a shell or standard input and gives its exit code with everything it printed.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
function runProgram(command, args, { cwd = root, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString().trim() }),
    );
  });
}

/**
 * The same for a JavaScript tool of the repository, with the Node that runs us.
 *
 * @param {string} script path from the root
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function runNode(script, args, options) {
  return runProgram(
    process.execPath,
    [script.startsWith('/') ? script : `${root}/${script}`, ...args],
    options,
  );
}

/**
 * The same for pnpm, which `pnpm check` and `pnpm exec` put on PATH.
 *
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function runPnpm(args, options) {
  try {
    return await runProgram('pnpm', args, options);
  } catch (error) {
    return {
      code: 127,
      output: `pnpm could not be started (${String(error)}): run the checks as \`pnpm check\``,
    };
  }
}
