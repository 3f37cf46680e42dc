import {
  ATTR_ERROR_TYPE,
  ATTR_THROUGHLINE_OUTCOME,
  type Attributes,
  describeError,
  type SpanOutcome,
} from '@throughline/core';

const mostSets = 100;
const typeOnly = { maxCauses: 0, maxMessageLength: 0 };
/** What the convention calls "anything else". */
const otherError = '_OTHER';

/**
 * The attributes of a measurement by outcome and error type: the same frozen object for the same combination,
 * because sinks may cache by identity.
 *
 * Error types are written by users, so their number is capped; past the cap they share `_OTHER`.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/ | error.type}
 */
export class OutcomeAttributes {
  readonly #base: Attributes;
  readonly #sets = new Map<string, Attributes>();

  /** @param base what every set contains */
  constructor(base: Attributes) {
    this.#base = base;
  }

  /** @param failure what was thrown, in an object because it may be `undefined` */
  of(outcome: SpanOutcome, failure?: { readonly error: unknown }): Attributes {
    if (outcome === 'lost') return this.#set(outcome, outcome);
    return this.#set(outcome, failure && describeError(failure.error, typeOnly).type);
  }

  #set(outcome: SpanOutcome, errorType: string | undefined): Attributes {
    const key = errorType === undefined ? outcome : `${outcome} ${errorType}`;
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    if (errorType !== undefined && errorType !== otherError && this.#sets.size >= mostSets)
      return this.#set(outcome, otherError);
    const made = Object.freeze({
      ...this.#base,
      ...(errorType !== undefined && { [ATTR_ERROR_TYPE]: errorType }),
      ...(outcome !== 'ok' && { [ATTR_THROUGHLINE_OUTCOME]: outcome }),
    });
    this.#sets.set(key, made);
    return made;
  }
}
