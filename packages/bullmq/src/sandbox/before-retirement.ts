import { getEventListeners } from 'node:events';
import process from 'node:process';
import { isMainThread, type MessagePort, parentPort } from 'node:worker_threads';

/** The number by which BullMQ 6 tells a thread to finish its job and exit. */
const stop = 2;

/**
 * Puts `prepare` before what BullMQ does when it retires this sandbox: the child process or thread then exits as soon as
 * its job is done. A child process gets SIGTERM, or SIGINT from a terminal; a thread gets a message, but from BullMQ 5
 * nothing: that one terminates threads without a word.
 *
 * Nothing else is changed: the listeners are called afterwards, with what they would have been called with.
 *
 * @param prepare never rejects
 */
export function beforeRetirement(prepare: () => Promise<unknown>): void {
  if (isMainThread) for (const signal of ['SIGTERM', 'SIGINT'] as const) beforeSignal(signal, prepare);
  else if (parentPort) beforeStop(parentPort, prepare);
}

function beforeSignal(signal: 'SIGTERM' | 'SIGINT', prepare: () => Promise<unknown>): void {
  const listeners = process.rawListeners(signal);
  // Before the others go: a signal that nobody listens to ends the process.
  process.on(signal, async (...args) => {
    await prepare();
    for (const listener of listeners) Reflect.apply(listener, process, args);
  });
  for (const listener of listeners) process.off(signal, listener as () => void);
}

/** The first listener is BullMQ's: it was there before any file of the application's was loaded. */
function beforeStop(port: MessagePort, prepare: () => Promise<unknown>): void {
  const [listener] = getEventListeners(port, 'message') as ((message: unknown) => void)[];
  if (listener === undefined) return;
  port.on('message', async (message: unknown) => {
    if ((message as { readonly cmd?: unknown } | null)?.cmd === stop) await prepare();
    listener(message);
  });
  port.off('message', listener);
}
