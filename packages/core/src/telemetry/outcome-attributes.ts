import { describeError } from '../errors/describe-error.ts';
import { ATTR_ERROR_TYPE } from '../semantic-conventions/general.ts';
import { ATTR_THROUGHLINE_OUTCOME } from '../semantic-conventions/throughline.ts';
import type { Attributes } from './attributes.ts';
import type { SpanOutcome } from './span.ts';

const mostSets = 100;
const typeOnly = { maxCauses: 0, maxMessageLength: 0 };
/** What the convention calls "anything else". */
const otherError = '_OTHER';

/**
 * The attributes of measurements by outcome and error type: the same frozen object for the same combination, because sinks
 * may cache by identity, and because hashing attributes is what a measurement costs.
 *
 * Error types are written by users, so their number is capped; past a hundred combinations they share `_OTHER`.
 *
 * @example
 * ```ts
 * import { type Attributes, defineEventKind, OutcomeAttributes, type Telemetry } from '@throughline/core';
 *
 * const mailSent = defineEventKind<{ readonly attributes: Attributes }>('mail.sent', [
 *   { kind: 'counter', name: 'mailer.sent', unit: '{mail}', value: () => 1, attributes: (event) => event.attributes },
 * ]);
 * const sent = new OutcomeAttributes({ 'mailer.server': 'eu-1' });
 *
 * export function tellSent(telemetry: Telemetry, failure?: { readonly error: unknown }): void {
 *   telemetry.emitEvent(mailSent, { attributes: sent.of(failure ? 'error' : 'ok', failure) });
 * }
 * ```
 * @see {@link https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/ | error.type}
 */
export class OutcomeAttributes {
  /** Of a success: what every set contains, and nothing else. */
  readonly ok: Attributes;
  readonly #sets = new Map<string, Attributes>();

  /** @param base what every set contains */
  constructor(base: Attributes) {
    this.ok = Object.freeze({ ...base });
  }

  /**
   * The set of an outcome. Beside `base` it has `throughline.outcome`, and `error.type` where there is one: the type of what
   * was thrown, or `lost`.
   *
   * @param failure what was thrown, in an object because it may be `undefined`
   */
  of(outcome: SpanOutcome, failure?: { readonly error: unknown }): Attributes {
    if (outcome === 'ok') return this.ok;
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
      ...this.ok,
      [ATTR_THROUGHLINE_OUTCOME]: outcome,
      ...(errorType !== undefined && { [ATTR_ERROR_TYPE]: errorType }),
    });
    this.#sets.set(key, made);
    return made;
  }
}
