import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProcessMessage } from './tell.ts';

const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

/** A process of the saga that said it is ready. */
export interface RunningProcess {
  readonly service: string;
  readonly pid: number;
  readonly details: Readonly<Record<string, string | number>>;
  /** Asks the process to finish its work and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts one process of the saga and waits until it is ready.
 *
 * @param service the name of its file in `processes/`
 * @param env added to this process's environment
 * @param onProgress gets each progress line
 */
export async function startSagaProcess(
  service: string,
  env: Readonly<Record<string, string>>,
  onProgress: (text: string) => void,
): Promise<RunningProcess> {
  const file = fileURLToPath(new URL(`./processes/${service}.js`, import.meta.url));
  const child = fork(file, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

  const details = await new Promise<RunningProcess['details']>((resolve, reject) => {
    const timer = setTimeout(() => fail(`was not ready within ${READY_TIMEOUT_MS} ms`), READY_TIMEOUT_MS);
    const fail = (what: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`${service} ${what}`));
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with code ${code} before it was ready`));
    child.on('message', (message: ProcessMessage) => {
      if (message.type === 'progress') return onProgress(message.text);
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(message.details);
    });
  });
  return { service, pid: child.pid ?? 0, details, stop: () => stopProcess(child) };
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  if (child.connected) child.send('stop');
  await gone;
  clearTimeout(timer);
}
