import { splitEventType } from '../events/event-type.ts';
import type {
  StoredEntity,
  StoredError,
  StoredLink,
  TraceEvent,
  TraceEventStatus,
} from '../events/trace-event.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import type { SpanKind } from '../telemetry/span.ts';
import { asError, asFields, asLink, asList, asNumber, asText } from './event-data.ts';
import { compareCounters, compareNumbers, compareTexts, instantOf, isAscending } from './event-order.ts';
import { canceled, completed, failed, retrying, stalled, suspended } from './phase.ts';
import {
  hasEnded,
  hasEntity,
  hasLinks,
  hasPlainlyCompleted,
  hasStarted,
  isQueued,
  isRunning,
  isStep,
  isUndoing,
} from './span-facts.ts';
import { none } from './span-index.ts';
import { SpanReading } from './span-reading.ts';
import type { SpanRows } from './span-rows.ts';
import type { SpanForm, SpanState, TraceSpan } from './trace-span.ts';
import type { WorkAttempts } from './work-attempts.ts';

const undated: number = Number.POSITIVE_INFINITY;

const stateOfEnd: Readonly<Record<number, SpanState>> = {
  [suspended]: 'suspended',
  [retrying]: 'retrying',
  [stalled]: 'interrupted',
  [completed]: 'completed',
  [canceled]: 'canceled',
  [failed]: 'failed',
};
const statusOfEnd: Readonly<Record<number, TraceEventStatus>> = {
  [suspended]: 'pending',
  [retrying]: 'failed',
  [completed]: 'success',
  [failed]: 'failed',
};

/** What a span knows of the work that it is an attempt at. */
export interface SpanWork extends WorkAttempts {
  readonly attempts: readonly FoldedSpan[];
  readonly sends: readonly FoldedSpan[];
  readonly latest: FoldedSpan | undefined;
  /** The attempt before `span`. */
  before(span: FoldedSpan): FoldedSpan | undefined;
  /** Whether a report of a stall may be about this attempt. */
  isStallReported(span: FoldedSpan): boolean;
}

/** Where a span finds its relatives, and what is known of it without reading its events. */
export interface SpanFamily {
  readonly rows: SpanRows;
  span(row: number): FoldedSpan;
  childrenOf(row: number): readonly FoldedSpan[];
}

/**
 * The one implementation of {@link TraceSpan}: one row of the table, looked at.
 *
 * Most spans completed, and are only passed on the way to one that did not. So what the facts of the row can tell is told by
 * them, and the events are read when somebody asks for more.
 */
export class FoldedSpan implements TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Its row in the table. */
  readonly row: number;
  /** The work that this span is an attempt at; set when work is looked at. */
  work: SpanWork | undefined;
  /** A newer attempt, or the report of a stall, shows that nobody will end this span. */
  isAbandoned = false;
  /** The attempt that it ran in and was lost with. */
  lostWith: FoldedSpan | undefined;
  /** It only reports a stall of an attempt that has a span of its own; set when work is looked at. */
  isReport = false;

  readonly #family: SpanFamily;
  readonly #facts: number;
  #read: SpanReading | undefined;
  #children: readonly FoldedSpan[] | undefined;
  #start: number | undefined;

  constructor(family: SpanFamily, row: number, traceId: string, spanId: string) {
    this.#family = family;
    this.row = row;
    this.traceId = traceId;
    this.spanId = spanId;
    this.#facts = family.rows.factsOf(row);
  }

  get #reading(): SpanReading {
    this.#read ??= new SpanReading(this.#family.rows.eventsOf(this.row));
    return this.#read;
  }

  get parentSpanId(): string | undefined {
    return this.#reading.parentSpanId;
  }

  get parentsDiffer(): boolean {
    return this.#reading.parentsDiffer;
  }

  get endsDiffer(): boolean {
    return this.#reading.endsDiffer;
  }

  get duplicates(): number {
    return this.#reading.duplicates;
  }

  get attempt(): number | undefined {
    return this.#reading.attempt;
  }

  get entity(): StoredEntity | undefined {
    return (this.#facts & hasEntity) === 0 ? undefined : this.#reading.entity;
  }

  get originalSpanId(): string | undefined {
    return (this.#facts & isUndoing) === 0 ? undefined : this.#reading.originalSpanId;
  }

  /** The parent in the tree: a real span, or a missing one. */
  get parent(): FoldedSpan | undefined {
    const row = this.#family.rows.parentOf(this.row);
    return row === none ? undefined : this.#family.span(row);
  }

  get origin(): FoldedSpan | undefined {
    const row = this.#family.rows.origins?.get(this.row);
    return row === undefined ? undefined : this.#family.span(row);
  }

  get children(): readonly FoldedSpan[] {
    this.#children ??= this.#family.childrenOf(this.row);
    return this.#children;
  }

  get events(): readonly TraceEvent[] {
    return this.#reading.events;
  }

  get isStep(): boolean {
    return (this.#facts & isStep) !== 0;
  }

  /** Whether an event of a terminal phase arrived. */
  get hasEnded(): boolean {
    return hasEnded(this.#facts);
  }

  /** Whether it started, did not end, and nothing shows that it never will. */
  get isOpen(): boolean {
    return isRunning(this.#facts) && !this.isAbandoned;
  }

  get form(): SpanForm {
    if (this.#isMissing) return 'missing';
    if (hasStarted(this.#facts)) return 'work';
    if (this.hasEnded) return this.events.length === 1 ? 'point' : 'work';
    return isQueued(this.#facts) ? 'send' : 'point';
  }

  /** Of no event there are no facts. */
  get #isMissing(): boolean {
    return this.#facts === 0;
  }

  get state(): SpanState {
    if (this.isAbandoned) return 'interrupted';
    if (this.#isMissing) return 'missing';
    if (hasPlainlyCompleted(this.#facts)) return 'completed';
    if (this.hasEnded) return this.#stateOfEnd();
    if (hasStarted(this.#facts)) return 'open';
    return this.#claims('failed') ? 'failed' : 'completed';
  }

  #stateOfEnd(): SpanState {
    const { end, endPhase } = this.#reading;
    if (endPhase === completed && end?.status === 'failed') return 'failed';
    return stateOfEnd[endPhase] ?? 'completed';
  }

  get status(): TraceEventStatus | undefined {
    if (this.isAbandoned) return undefined;
    const { end, endPhase } = this.#reading;
    if (end !== undefined) return endPhase === failed ? 'failed' : (end.status ?? statusOfEnd[endPhase]);
    if (hasStarted(this.#facts)) return this.#claims('pending') ? 'pending' : undefined;
    return (['failed', 'success', 'pending'] as const).find((status) => this.#claims(status));
  }

  #claims(status: TraceEventStatus): boolean {
    return this.events.some((event) => event.status === status);
  }

  get event(): TraceEvent | undefined {
    return this.#reading.end ?? this.events[0];
  }

  /** `Infinity` when undated, so that the undated come last; a missing span starts with its first child. */
  get start(): number {
    this.#start ??= this.#isMissing ? (this.children[0]?.start ?? undated) : this.#firstInstant();
    return this.#start;
  }

  #firstInstant(): number {
    let first = undated;
    for (const event of this.events) first = Math.min(first, instantOf(event));
    return first;
  }

  get startTime(): number | undefined {
    return Number.isFinite(this.start) && !this.#isMissing ? this.start : undefined;
  }

  get endTime(): number | undefined {
    const { form } = this;
    if (form === 'send' || (form === 'point' && !this.hasEnded)) return this.startTime;
    const { end } = this.#reading;
    const instant = end === undefined ? Number.POSITIVE_INFINITY : instantOf(end);
    return Number.isFinite(instant) ? instant : undefined;
  }

  get durationMs(): number | undefined {
    const { startTime, endTime } = this;
    return startTime === undefined || endTime === undefined ? undefined : Math.max(0, endTime - startTime);
  }

  get subject(): string {
    const first = this.events[0];
    return first === undefined ? '' : splitEventType(first.event_type).subject;
  }

  get name(): string {
    return this.#first('name', asText) ?? this.subject;
  }

  get kind(): SpanKind | undefined {
    return this.#first('kind', asText) as SpanKind | undefined;
  }

  get maxAttempts(): number | undefined {
    return this.#first('max_attempts', asNumber);
  }

  get compensation(): 'required' | 'none' {
    return this.#first('compensation', asText) === 'none' ? 'none' : 'required';
  }

  get error(): StoredError | undefined {
    return asError(this.#reading.end?.data?.error) ?? this.#first('error', asError);
  }

  get attributes(): JsonObject {
    return Object.fromEntries(
      this.events.flatMap((event) => Object.entries(asFields(event.data?.attributes) ?? {})),
    ) as JsonObject;
  }

  get tags(): readonly string[] {
    return [
      ...new Set(this.events.flatMap((event) => asList(event.tags).filter((tag) => typeof tag === 'string'))),
    ];
  }

  get links(): readonly StoredLink[] {
    if ((this.#facts & hasLinks) === 0) return [];
    return this.events
      .flatMap((event) => asList(event.data?.links).map(asLink))
      .filter((link) => link !== undefined);
  }

  /** What `JSON.stringify` writes: the facts, without parent, children and events. */
  toJSON(): object {
    const { traceId, spanId, parentSpanId, form, state, status, name, subject, entity, attempt } = this;
    const { startTime, endTime, error } = this;
    return {
      traceId,
      spanId,
      parentSpanId,
      form,
      state,
      status,
      name,
      subject,
      entity,
      attempt,
      startTime,
      endTime,
      error,
    };
  }

  #first<T>(key: string, read: (value: unknown) => T | undefined): T | undefined {
    for (const event of this.events) {
      const value = read(event.data?.[key]);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** Sorts spans by start; ties by source and counter, then by id, so that the order never depends on arrival. */
export function inOrder(spans: FoldedSpan[]): FoldedSpan[] {
  return isAscending(spans, compareSpans) ? spans : spans.sort(compareSpans);
}

export function compareSpans(a: FoldedSpan, b: FoldedSpan): number {
  return (
    compareNumbers(a.start, b.start) ||
    compareCounters(a.events[0], b.events[0]) ||
    compareTexts(a.spanId, b.spanId) ||
    compareTexts(a.traceId, b.traceId)
  );
}
