import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.ts';

/** How a process ended: one of the two is not `null`. */
export interface NodeExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Node process whose output is kept line by line. */
export interface NodeChild {
  readonly pid: number;
  /** Lines of standard output so far. */
  readonly lines: readonly string[];
  /** Lines of standard error so far. */
  readonly errorLines: readonly string[];
  /** Resolves with how it ended, after its last line. Never rejects. */
  readonly exited: Promise<NodeExit>;
  /**
   * Waits for a line of standard output that matches, and returns it.
   *
   * @param timeoutMs defaults to 10000
   * @throws Error with the output so far at the deadline, or as soon as the process has ended without such a line
   */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Sends a signal and resolves when the process has ended. @param signal defaults to `SIGKILL` */
  kill(signal?: NodeJS.Signals): Promise<NodeExit>;
}

/** How {@link spawnNode} runs a file. */
export interface SpawnNodeOptions {
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Working folder. @default the one of this process */
  readonly cwd?: string | undefined;
  /** Options of Node itself, before the file: `['--max-old-space-size=64']`. */
  readonly nodeOptions?: readonly string[] | undefined;
  /** User to run as, when this process is root. */
  readonly uid?: number | undefined;
  /** The process gets SIGKILL after this time, in ms. @default 60000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * Runs a file in a Node process of its own. That process ends with this one, and after `timeoutMs` at the latest.
 *
 * @param file path or `file:` URL of a JavaScript module
 * @example
 * ```ts
 * import { spawnNode } from '@throughline/testkit';
 *
 * const worker = spawnNode(new URL('fixtures/worker.mjs', import.meta.url), ['mail'], {
 *   env: { REDIS_URL: 'redis://127.0.0.1:6379' },
 * });
 * await worker.waitForLine(/^ready/);
 * await worker.kill('SIGTERM');
 * ```
 */
export function spawnNode(
  file: string | URL,
  args: readonly string[] = [],
  options: SpawnNodeOptions = {},
): NodeChild {
  const { env = {}, cwd, nodeOptions = [], uid, timeoutMs = 60_000 } = options;
  const script = file instanceof URL ? fileURLToPath(file) : file;
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  // A process that cannot be started has no pid, and tells so a second time through this event.
  child.on('error', () => {});
  if (child.pid === undefined) throw new Error(`${process.execPath} could not be started`);
  return watch(child, child.pid, script);
}

function watch(
  child: ChildProcess & { stdout: Readable; stderr: Readable },
  pid: number,
  script: string,
): NodeChild {
  const lines = keepLines(child.stdout);
  const errorLines = keepLines(child.stderr);
  let exit: NodeExit | undefined;
  const exited = new Promise<NodeExit>((resolve) => {
    child.once('close', (code, signal) => {
      exit = { code, signal };
      process.off('exit', endWithUs);
      resolve(exit);
    });
  });
  const endWithUs = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', endWithUs);

  const find = (pattern: RegExp): string | undefined => lines.find((line) => line.search(pattern) >= 0);
  return {
    pid,
    lines,
    errorLines,
    exited,
    waitForLine: async (pattern, timeoutMs = 10_000) => {
      const what = `a line like ${pattern} from ${script}`;
      await waitFor(() => find(pattern) !== undefined || exit !== undefined, { timeoutMs, what }).catch(
        () => {},
      );
      const line = find(pattern);
      if (line !== undefined) return line;
      const end = exit === undefined ? `${timeoutMs} ms passed` : `It ended with ${exit.signal ?? exit.code}`;
      const output = [...lines, ...errorLines].join('\n') || 'nothing';
      throw new Error(`${end} before ${what}; it wrote ${output}`);
    },
    kill: (signal = 'SIGKILL') => {
      child.kill(signal);
      return exited;
    },
  };
}

function keepLines(stream: Readable): string[] {
  const lines: string[] = [];
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
    lines.push(line),
  );
  return lines;
}
