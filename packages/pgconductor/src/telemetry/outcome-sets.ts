import {
  ATTR_ERROR_TYPE,
  ATTR_THROUGHLINE_OUTCOME,
  type Attributes,
  describeError,
  type SpanOutcome,
} from '@throughline/core';

const mostSets = 100;
const typeOnly = { maxCauses: 0, maxMessageLength: 0 };

/**
 * What measurements with an outcome say: the same frozen object for the same combination, because sinks may cache by
 * identity. Error types are written by users, so beyond a hundred combinations they are `_OTHER`.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/ | error.type}
 */
export class OutcomeSets {
  readonly ok: Attributes;
  readonly #sets = new Map<string, Attributes>();

  /** @param base what all of them say */
  constructor(base: Attributes) {
    this.ok = Object.freeze(base);
  }

  of(outcome: SpanOutcome, error: unknown): Attributes {
    if (outcome === 'ok') return this.ok;
    if (outcome === 'lost') return this.#set(outcome, 'lost');
    if (error === undefined) return this.#set(outcome, undefined);
    const { type } = describeError(error, typeOnly);
    return this.#set(outcome, type, this.#sets.size >= mostSets);
  }

  #set(outcome: SpanOutcome, errorType: string | undefined, isFull = false): Attributes {
    const key = `${outcome} ${errorType ?? ''}`;
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    if (isFull) return this.#set(outcome, '_OTHER');
    const made = Object.freeze({
      ...this.ok,
      [ATTR_THROUGHLINE_OUTCOME]: outcome,
      ...(errorType !== undefined && { [ATTR_ERROR_TYPE]: errorType }),
    });
    this.#sets.set(key, made);
    return made;
  }
}
