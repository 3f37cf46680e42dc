const brand: unique symbol = /* @__PURE__ */ Symbol.for('throughline.error.v1');

/**
 * Base of every error that Throughline throws or rejects with.
 *
 * `code` is stable and listed in `docs/reference/errors.md`; messages may change. The brand survives two copies of
 * the package in one process, where `instanceof` does not: use {@link isThroughlineError}.
 */
export class ThroughlineError extends Error {
  /** Stable, `THROUGHLINE_<PART>_<WHAT>`. */
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    // Not enumerable, so that printed errors do not show it.
    Object.defineProperty(this, brand, { value: true });
  }

  /**
   * The name that belongs to the code: `THROUGHLINE_STORE_FULL` is a `StoreFullError`. It comes from the code because
   * a class name does not survive minification.
   */
  override get name(): string {
    const words = this.code?.toLowerCase().split('_') ?? ['', 'throughline'];
    words[0] = '';
    return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Error`;
  }
}

/**
 * Tells whether `value` is an error of Throughline, whichever copy of the package made it. Total: a hostile proxy is
 * not one.
 *
 * @param code when given, the code must match too
 */
export function isThroughlineError(value: unknown, code?: string): value is ThroughlineError {
  try {
    const error = value as ThroughlineError & { readonly [brand]?: true };
    return error[brand] === true && (code === undefined || error.code === code);
  } catch {
    return false;
  }
}
