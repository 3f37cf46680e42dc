import type { TraceContext } from '../trace-context/trace-context.ts';

/**
 * Carries the active context along with asynchronous work. Node's `AsyncLocalStorage` fits as it is; core imports
 * nothing for it.
 *
 * @example
 * ```ts
 * import { AsyncLocalStorage } from 'node:async_hooks';
 * import type { AmbientContext } from '@throughline/core';
 *
 * export const ambient: AmbientContext = new AsyncLocalStorage();
 * ```
 * @see {@link https://nodejs.org/api/async_context.html#class-asynclocalstorage | Node.js: AsyncLocalStorage}
 */
export interface AmbientContext {
  /** Runs `fn` with `context` active; `undefined` makes none active. */
  run<T>(context: TraceContext | undefined, fn: () => T): T;
  /** What is active in the caller's scope. */
  getStore(): TraceContext | undefined;
}
