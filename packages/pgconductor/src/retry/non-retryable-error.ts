import { isThroughlineError, ThroughlineError } from '@throughline/core';

const code = 'THROUGHLINE_PGCONDUCTOR_NON_RETRYABLE';

/**
 * Thrown by a handler whose failure will not pass: the execution fails for good, whatever `maxAttempts` says. Code
 * `THROUGHLINE_PGCONDUCTOR_NON_RETRYABLE`.
 *
 * @example
 * ```ts
 * import { NonRetryableError } from '@throughline/pgconductor';
 *
 * export function charge(card: { isStolen: boolean }): void {
 *   if (card.isStolen) throw new NonRetryableError('The card is reported stolen.');
 * }
 * ```
 */
export class NonRetryableError extends ThroughlineError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(code, message, options);
  }

  override get name(): string {
    return 'NonRetryableError';
  }
}

/** Whether a handler said with `error` that another attempt is of no use; also with that of another copy of the package. */
export function isNonRetryable(error: unknown): boolean {
  return isThroughlineError(error, code);
}
