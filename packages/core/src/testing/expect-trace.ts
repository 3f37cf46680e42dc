import type { CollectedTrace } from '../events/collect-trace.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import type { JsonObject, JsonValue } from '../telemetry/attributes.ts';
import type { FailureCause } from '../trace-graph/failure-explanation.ts';
import { countOf, labelOf } from '../trace-graph/label.ts';
import { plainText } from '../trace-graph/plain-text.ts';
import { createTraceGraph, type TraceGraph } from '../trace-graph/trace-graph.ts';
import type { SpanState, TraceSpan } from '../trace-graph/trace-span.ts';
import type { WorkAttempts } from '../trace-graph/work-attempts.ts';
import type { WorkRef } from '../trace-graph/work-index.ts';
import { isWriterNote } from '../trace-graph/writer-note.ts';
import { TraceAssertionError } from './trace-assertion-error.ts';

/** A text is looked for as a part, a pattern is tried. */
export type TextMatch = string | RegExp;

/** What the cause of a failure must be; what is not given is not looked at. */
export interface FailureMatch {
  /** Part of the error type. */
  readonly type?: TextMatch | undefined;
  /** Part of the error message. */
  readonly message?: TextMatch | undefined;
  /** Name or subject of the failed span (`credit` is enough for the step `stage:credit`), or name or id of its job. */
  readonly in?: string | undefined;
}

/** What a span must have; what is not given is not looked at. */
export interface SpanMatch {
  /** These attributes with these values; others may be there. */
  readonly attributes?: JsonObject | undefined;
  readonly state?: SpanState | undefined;
  /** How many spans must match. @default at least one */
  readonly times?: number | undefined;
}

/** Expectations about one trace. Each method throws when it does not hold and gives the expectations back otherwise. */
export interface TraceExpectations {
  /** The opposite of the next expectation: `expectTrace(events).not.toHaveFailed()`. */
  readonly not: TraceExpectations;
  /** Nothing failed for good, nothing is open, lost or canceled. Recovered retries are fine. */
  toHaveSucceeded(): TraceExpectations;
  /** Something failed for good; with `match`, one of the causes is like this. A text or pattern is one for the message. */
  toHaveFailed(match?: TextMatch | FailureMatch): TraceExpectations;
  /**
   * A piece of work failed and was started again, exactly `times` times in all. Work that the trace does not have
   * holds nothing, negated or not.
   *
   * @param times failures that another start followed; 0 for none
   * @param work which work: an id, or as much of the entity as is known. @default all work of the trace together
   */
  toHaveRetried(times: number, work?: WorkRef): TraceExpectations;
  /**
   * The step of this name, or subject (`credit` is enough for `stage:credit`), was undone: its row of the ledger says `compensated`, each of them when it ran
   * several times. A step that the trace does not have holds nothing, negated or not.
   */
  toCompensate(step: string): TraceExpectations;
  /** Every span that started has ended, and no work waits to be started again. */
  toHaveNoOpenWork(): TraceExpectations;
  /** A span of this name, subject or event type is there, and is like `match`. */
  toContainSpan(name: string, match?: SpanMatch): TraceExpectations;
  /** Exactly one span has no parent, notes of the writer aside, and no span names a parent that is not there. */
  toHaveOneRoot(): TraceExpectations;
  /** All events have one trace id. */
  toBeOneTrace(): TraceExpectations;
}

/**
 * Expectations about a trace, for tests of your own. They throw an ordinary error with the explanation and the tree of
 * the trace in its message, so they work in every test runner: vitest, jest, `node:test`.
 *
 * A trace without events holds no expectation, negated ones included: an event writer that was not flushed must not let
 * a test pass.
 *
 * @param trace the events, what `collectTrace` brought, or a graph
 * @throws {TraceAssertionError} `THROUGHLINE_TRACE_ASSERTION`, from the methods
 * @example
 * ```ts
 * import { MemoryTraceStore } from '@throughline/core/events';
 * import { expectTrace } from '@throughline/core/testing';
 *
 * declare const store: MemoryTraceStore;
 * declare const traceId: string;
 *
 * expectTrace(await store.getTrace(traceId))
 *   .toHaveFailed({ message: 'Insufficient funds', in: 'transfer' })
 *   .toHaveRetried(1, { queue: 'credit', id: '7' })
 *   .toCompensate('credit')
 *   .toHaveNoOpenWork();
 * ```
 */
export function expectTrace(trace: Iterable<TraceEvent> | CollectedTrace | TraceGraph): TraceExpectations {
  return new Expectations('explainFailure' in trace ? trace : createTraceGraph(trace), false);
}

class Expectations implements TraceExpectations {
  readonly #graph: TraceGraph;
  readonly #isNegated: boolean;

  constructor(graph: TraceGraph, isNegated: boolean) {
    this.#graph = graph;
    this.#isNegated = isNegated;
  }

  get not(): TraceExpectations {
    return new Expectations(this.#graph, !this.#isNegated);
  }

  toHaveSucceeded(): TraceExpectations {
    return this.#expect(this.#graph.explainFailure().outcome === 'success', 'to have succeeded');
  }

  toHaveFailed(match?: TextMatch | FailureMatch): TraceExpectations {
    const { outcome, causes } = this.#graph.explainFailure();
    const wanted = typeof match === 'string' || match instanceof RegExp ? { message: match } : match;
    const holds =
      outcome === 'failed' && (wanted === undefined || causes.some((cause) => isLike(cause, wanted)));
    return this.#expect(holds, `to have failed${wanted === undefined ? '' : ` with ${describe(wanted)}`}`);
  }

  toHaveRetried(times: number, work?: WorkRef): TraceExpectations {
    const works = work === undefined ? this.#graph.retries() : this.#known(work);
    const retries = works.reduce((sum, one) => sum + retriesOf(one), 0);
    const of = work === undefined ? '' : ` ${describe(work)}`;
    return this.#expect(
      retries === times,
      `to have retried${of} ${countOf(times, 'time')}; retried: ${retries}`,
    );
  }

  toCompensate(step: string): TraceExpectations {
    this.#needEvents();
    const rows = this.#graph.compensations().filter((row) => isStepCalled(row.step, step));
    if (rows.length === 0 && !this.#graph.spans.some((span) => isStepCalled(span, step)))
      this.#fail(`to have a step ${step}`);
    const statuses = rows.map(({ status }) => status).join(', ') || 'not in the ledger';
    const holds = rows.length > 0 && rows.every(({ status }) => status === 'compensated');
    return this.#expect(holds, `to compensate ${step}, which is: ${statuses}`);
  }

  toHaveNoOpenWork(): TraceExpectations {
    const { open } = this.#graph.explainFailure();
    return this.#expect(open.length === 0, `to have no open work; open: ${listed(open.map(labelOf))}`);
  }

  toContainSpan(name: string, match: SpanMatch = {}): TraceExpectations {
    const { times } = match;
    const found = this.#graph.select((span) => isCalled(span, name) && hasAll(span, match)).length;
    const count = times === undefined ? '' : ` ${countOf(times, 'time')}`;
    const wanted = describe({ ...match, times: undefined });
    const details = wanted === '{}' ? '' : ` with ${wanted}`;
    const holds = times === undefined ? found > 0 : found === times;
    return this.#expect(holds, `to contain the span ${name}${count}${details}; found: ${found}`);
  }

  toHaveOneRoot(): TraceExpectations {
    const roots = this.#graph.roots().filter((root) => !isWriterNote(root));
    return this.#expect(
      roots.length === 1 && roots[0]?.form !== 'missing',
      `to have one root; roots: ${listed(roots.map(labelOf))}`,
    );
  }

  toBeOneTrace(): TraceExpectations {
    const traces = new Set(this.#graph.events.map(({ trace_id }) => trace_id));
    return this.#expect(traces.size === 1, `to be one trace; traces: ${listed([...traces].map(plainText))}`);
  }

  /** The expectations that follow are positive again. */
  #expect(holds: boolean, expectation: string): TraceExpectations {
    this.#needEvents();
    if (holds === this.#isNegated) this.#fail(`${this.#isNegated ? 'not ' : ''}${expectation}`);
    return this.#isNegated ? this.not : this;
  }

  #needEvents(): void {
    if (this.#graph.events.length === 0)
      throw new TraceAssertionError('to have events; flush the writer, or await the close of the worker', '');
  }

  #fail(expectation: string): never {
    throw new TraceAssertionError(expectation, this.#describeTrace());
  }

  /** What is not there was not retried; but a reference with a slip in it must not let an expectation pass. */
  #known(work: WorkRef): readonly WorkAttempts[] {
    this.#needEvents();
    return [this.#graph.attempts(work) ?? this.#fail(`to have the work ${describe(work)}`)];
  }

  #describeTrace(): string {
    return `${this.#graph.explainFailure().toText()}\n\n${this.#graph.toText()}`;
  }
}

function isLike({ error, spans, job }: FailureCause, { type, message, in: place }: FailureMatch): boolean {
  const isThere =
    place === undefined ||
    spans.some((span) => isStepCalled(span, place)) ||
    job?.entity?.name === place ||
    job?.entity?.id === place;
  return isThere && matches(error?.type, type) && matches(error?.message, message);
}

function matches(text: string | undefined, wanted: TextMatch | undefined): boolean {
  if (wanted === undefined) return true;
  if (text === undefined) return false;
  return typeof wanted === 'string' ? text.includes(wanted) : text.search(wanted) >= 0;
}

/** By name, by subject, or by event type. */
function isCalled(span: TraceSpan, name: string): boolean {
  return (
    span.name === name || span.subject === name || span.events.some(({ event_type }) => event_type === name)
  );
}

/** Also by the last part of the subject: `credit` for `stage:credit`. */
function isStepCalled(span: TraceSpan, name: string): boolean {
  return isCalled(span, name) || (span.isStep && span.subject.endsWith(`:${name}`));
}

const mostListed = 10;

function listed(texts: readonly string[]): string {
  if (texts.length === 0) return 'none';
  const more = texts.length > mostListed ? `, and ${texts.length - mostListed} more` : '';
  return `${texts.slice(0, mostListed).join(', ')}${more}`;
}

function hasAll(span: TraceSpan, { attributes = {}, state }: SpanMatch): boolean {
  if (state !== undefined && span.state !== state) return false;
  return Object.entries(attributes).every(([key, value]) => isSame(span.attributes[key], value));
}

function isSame(actual: JsonValue | undefined, wanted: JsonValue | undefined): boolean {
  return JSON.stringify(actual) === JSON.stringify(wanted);
}

function retriesOf({ attempts }: WorkAttempts): number {
  const earlier = attempts.slice(0, -1);
  return earlier.filter(({ state }) => state !== 'suspended' && state !== 'completed').length;
}

function describe(value: object | string): string {
  return JSON.stringify(value, (_key, item: unknown) => (item instanceof RegExp ? String(item) : item));
}
