const brand: unique symbol = Symbol.for('throughline.error.v1') as never;

/**
 * Base of every error that Throughline throws or rejects with.
 *
 * `code` is stable and listed in `docs/reference/errors.md`; messages may change. The brand survives two copies of
 * the package in one process, where `instanceof` does not: use {@link isThroughlineError}.
 */
export class ThroughlineError extends Error {
  /** Stable, `THROUGHLINE_<PART>_<WHAT>`. */
  readonly code: string;
  readonly [brand] = true;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/**
 * Tells whether `value` is an error of Throughline, whichever copy of the package made it.
 *
 * @param code when given, the code must match too
 */
export function isThroughlineError(value: unknown, code?: string): value is ThroughlineError {
  if (typeof value !== 'object' || value === null || !(brand in value)) return false;
  return code === undefined || (value as ThroughlineError).code === code;
}
