import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const guard = fileURLToPath(new URL('../guard.mjs', import.meta.url));

/** `nobody` on Debian, Ubuntu, Fedora and Alpine: what a server that refuses to be root runs as. */
const NOBODY = 65_534;

/** Longer than the guard itself waits before it kills the server. */
const LATE_MS = 10_000;

/** A server program and how to tell that it is up. */
export interface GuardedServer {
  /** Program and arguments of what runs one after the other: preparations first, the server last. */
  readonly commands: readonly (readonly [program: string, ...args: string[]])[];
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** A line of either output stream that means "accepts connections". */
  readonly ready: RegExp;
  /** Asks the server to end; it gets SIGKILL 5 s later. */
  readonly signal: NodeJS.Signals;
  /** How long the start may take, in ms. @default 20000 */
  readonly timeoutMs?: number | undefined;
  /** A folder to remove when the server has ended, however it ended. */
  readonly remove?: string | undefined;
  /** The server's working folder. @default the one of this process */
  readonly cwd?: string | undefined;
  /** When this process is root, runs the server as `nobody`. @default false */
  readonly asNobody?: boolean | undefined;
}

/** A running server that ends with the process that started it, even when that one is killed. */
export interface GuardedProcess {
  /** Ends the server and resolves when it is gone. Further calls wait for the same end. */
  stop(): Promise<void>;
  /** Ends the server with that signal and keeps its folder. Resolves when it is gone. */
  halt(signal: NodeJS.Signals): Promise<void>;
  /** Runs the server again after {@link halt}. Resolves when it is ready. */
  resume(): Promise<void>;
}

/** `nobody` when this process is root, else no change. */
export function withoutRoot(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

/**
 * Starts a server under the guard and waits until it is ready.
 *
 * The server does not keep this process alive and does not receive its Ctrl-C.
 *
 * @throws Error with the server's last output when it ends or stays silent before it is ready
 */
export async function startGuarded(server: GuardedServer): Promise<GuardedProcess> {
  const { commands, signal, remove, cwd, env = process.env, asNobody = false } = server;
  const task = JSON.stringify({ commands, signal, remove, cwd, ...(asNobody ? withoutRoot() : {}) });
  const child = spawn(process.execPath, [guard, task], {
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', resolve).once('error', () => resolve()));
  const stop = (): Promise<void> => {
    child.ref();
    child.stdin.destroy();
    const insist = setTimeout(() => child.kill('SIGTERM'), LATE_MS);
    return gone.finally(() => clearTimeout(insist));
  };
  try {
    await ready(child, server);
  } catch (error) {
    await stop();
    throw error;
  }
  letGo(child);
  const order = (line: string, answer: RegExp): Promise<void> => {
    child.stdin.write(`${line}\n`);
    return ready(child, { ...server, ready: answer });
  };
  return {
    stop,
    halt: (by) => order(by, /^guard: the server has ended$/m),
    resume: () => order('start', server.ready),
  };
}

function ready(
  child: ChildProcess,
  { commands, ready: pattern, timeoutMs = 20_000 }: GuardedServer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (what: string): void => {
      settle();
      reject(
        new Error(`${commands.at(-1)?.[0]} ${what}: ${output.trim().slice(-2_000) || 'it said nothing'}`),
      );
    };
    const onData = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!pattern.test(output)) return;
      settle();
      resolve();
    };
    const onExit = (code: number | null): void => fail(`ended with code ${code} before it was ready`);
    const onError = (error: Error): void => fail(error.message);
    const timer = setTimeout(() => fail(`was not ready after ${timeoutMs} ms`), timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      child.off('close', onExit).off('error', onError);
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', onData).resume();
    };
    child.on('close', onExit).on('error', onError);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', onData);
  });
}

/** The pipes are sockets inside Node; each would keep the event loop alive on its own. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const pipe of [child.stdin, child.stdout, child.stderr]) {
    if (pipe !== null && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  }
}
