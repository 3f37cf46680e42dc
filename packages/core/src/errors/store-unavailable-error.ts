import { ThroughlineError } from './throughline-error.ts';

/**
 * A store cannot be reached or cannot serve now. Code `THROUGHLINE_STORE_UNAVAILABLE`.
 *
 * Stores reject with it for what may pass: refused connections, timeouts, 429 and 503. An `EventWriter` then keeps the
 * whole batch and tries again later.
 */
export class StoreUnavailableError extends ThroughlineError {
  /** Do not ask again before so many milliseconds have passed; from `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super('THROUGHLINE_STORE_UNAVAILABLE', message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}
