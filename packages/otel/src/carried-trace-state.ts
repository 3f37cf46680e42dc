import type { TraceState } from '@opentelemetry/api';
import {
  deleteTraceStateKey,
  formatTraceState,
  getTraceStateValue,
  parseTraceState,
  setTraceStateValue,
  type TraceStateMember,
} from '@throughline/core';

/**
 * A `tracestate` as it arrived: kept as text, taken apart only when a sampler or a propagator asks for a member.
 *
 * The API's own `createTraceState` parses at once and drops a list above 512 characters whole. W3C asks to pass at
 * least 512 characters on, and core already validated this list against the real limits.
 *
 * @see {@link https://www.w3.org/TR/trace-context-2/#tracestate-limits | W3C Trace Context Level 2, §3.3.1.5}
 */
export class CarriedTraceState implements TraceState {
  readonly #list: string;

  /** @param list validated list members, newest first: `ot=th:8,vendor=value` */
  constructor(list: string) {
    this.#list = list;
  }

  get(key: string): string | undefined {
    return getTraceStateValue(this.#members(), key);
  }

  /** Answers with this list, unchanged, when key or value do not have the form of the standard. */
  set(key: string, value: string): TraceState {
    const members = setTraceStateValue(this.#members(), key, value);
    return members ? new CarriedTraceState(formatTraceState(members)) : this;
  }

  unset(key: string): TraceState {
    return new CarriedTraceState(formatTraceState(deleteTraceStateKey(this.#members(), key)));
  }

  serialize(): string {
    return this.#list;
  }

  #members(): readonly TraceStateMember[] {
    return parseTraceState(this.#list).members ?? [];
  }
}
