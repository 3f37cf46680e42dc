import { splitEventType } from '../events/event-type.ts';
import type {
  StoredEntity,
  StoredError,
  StoredLink,
  TraceEvent,
  TraceEventData,
  TraceEventStatus,
} from '../events/trace-event.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import type { SpanKind } from '../telemetry/span.ts';
import { distinctEvents } from './distinct-events.ts';
import { asEntity, asError, asFields, asLink, asList, asNumber, asText } from './event-data.ts';
import {
  compareCounters,
  compareEvents,
  compareNumbers,
  compareTexts,
  compareWithinSpan,
  instantOf,
} from './event-order.ts';
import {
  canceled,
  completed,
  failed,
  free,
  isFinal,
  isTerminal,
  type PhaseCode,
  phaseOf,
  retrying,
  stalled,
  suspended,
} from './phase.ts';
import { hasLinks, hasStarted, isQueued, isRunning, isStep } from './span-facts.ts';
import { none, type SpanTable } from './span-table.ts';
import type { SpanForm, SpanState, TraceSpan } from './trace-span.ts';
import type { FoldedWork } from './work.ts';

/** Instants are parsed when something asks for them: most questions are about the shape of the tree. */
const unread = -Infinity;

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

/**
 * The one implementation of {@link TraceSpan}: one row of the table, looked at closely.
 *
 * What the events say together is a minimum, a maximum, a union, or the first in order, so the order of arrival leaves
 * no trace. What only some readers want (names, attributes) is read from the events when asked for.
 */
export class FoldedSpan implements TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Its row in the table. */
  readonly row: number;
  parentSpanId: string | undefined;
  attempt: number | undefined;
  entity: StoredEntity | undefined;
  originalSpanId: string | undefined;
  /** The work that this span is an attempt at; set when work is looked at. */
  work: FoldedWork | undefined;
  /** Two events name different parents. */
  parentsDiffer = false;
  /** Two events of the latest attempt end the span in different ways. */
  endsDiffer = false;
  /** A newer attempt, or the report of a stall, shows that nobody will end this span. */
  isAbandoned = false;
  /** The attempt that it ran in and was lost with. */
  lostWith: FoldedSpan | undefined;
  /** It only reports a stall of an attempt that has a span of its own; set when work is looked at. */
  isReport = false;
  duplicates = 0;

  readonly #table: SpanTable;
  readonly #facts: number;
  readonly #events: readonly TraceEvent[];
  #end: TraceEvent | undefined;
  #endPhase: PhaseCode = free;
  #children: readonly FoldedSpan[] | undefined;
  #start = unread;

  constructor(table: SpanTable, row: number, traceId: string, spanId: string) {
    this.#table = table;
    this.row = row;
    this.traceId = traceId;
    this.spanId = spanId;
    this.#facts = table.factsOf(row);
    const arrived = table.eventsOf(row);
    const events = distinctEvents(arrived);
    if (!isAscending(events, compareWithinSpan)) events.sort(compareWithinSpan);
    this.duplicates = arrived.length - events.length;
    this.#events = events;
    for (const event of events) this.#take(event);
  }

  #take(event: TraceEvent): void {
    const parent = asText(event.parent_span_id);
    if (parent !== undefined && parent !== this.parentSpanId) this.#takeParent(parent);
    if (typeof event.data === 'object' && event.data !== null) this.#takeData(event.data);
    const phase = phaseOf(event.event_type);
    if (isTerminal(phase)) this.#takeEnd(event, phase);
  }

  #takeParent(parent: string): void {
    if (this.parentSpanId === undefined) this.parentSpanId = parent;
    else this.parentsDiffer = true;
  }

  #takeData({ entity, attempt, original_span_id: original }: TraceEventData): void {
    this.entity ??= asEntity(entity);
    if (typeof attempt === 'number' && attempt > (this.attempt ?? 0)) this.attempt = attempt;
    this.originalSpanId ??= asText(original);
  }

  #takeEnd(event: TraceEvent, phase: PhaseCode): void {
    const end = this.#end;
    const later = end === undefined ? 1 : compareNumbers(attemptOf(event), attemptOf(end));
    if (later > 0) this.endsDiffer = false;
    else if (later === 0 && phase !== this.#endPhase && isFinal(phase) && isFinal(this.#endPhase))
      this.endsDiffer = true;
    const wins = later || phase - this.#endPhase || (end === undefined ? 1 : compareEvents(event, end));
    if (wins <= 0) return;
    this.#end = event;
    this.#endPhase = phase;
  }

  /** The parent in the tree: a real span, or a missing one. */
  get parent(): FoldedSpan | undefined {
    const row = this.#table.parentOf(this.row);
    return row === none ? undefined : this.#table.span(row);
  }

  get origin(): FoldedSpan | undefined {
    const row = this.#table.origins?.get(this.row);
    return row === undefined ? undefined : this.#table.span(row);
  }

  get children(): readonly FoldedSpan[] {
    this.#children ??= this.#table.childrenOf(this.row);
    return this.#children;
  }

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  get isStep(): boolean {
    return (this.#facts & isStep) !== 0;
  }

  /** Whether an event of a terminal phase arrived. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Whether it started, did not end, and nothing shows that it never will. */
  get isOpen(): boolean {
    return isRunning(this.#facts) && !this.isAbandoned;
  }

  get form(): SpanForm {
    if (this.#events.length === 0) return 'missing';
    if (hasStarted(this.#facts)) return 'work';
    if (this.#end !== undefined) return this.#events.length === 1 ? 'point' : 'work';
    return isQueued(this.#facts) ? 'send' : 'point';
  }

  get state(): SpanState {
    if (this.isAbandoned) return 'interrupted';
    if (this.#end !== undefined) return this.#stateOfEnd();
    if (this.#events.length === 0) return 'missing';
    if (hasStarted(this.#facts)) return 'open';
    return this.#claims('failed') ? 'failed' : 'completed';
  }

  #stateOfEnd(): SpanState {
    if (this.#endPhase === completed && this.#end?.status === 'failed') return 'failed';
    return stateOfEnd[this.#endPhase] ?? 'completed';
  }

  get status(): TraceEventStatus | undefined {
    if (this.isAbandoned) return undefined;
    if (this.#end !== undefined)
      return this.#endPhase === failed ? 'failed' : (this.#end.status ?? statusOfEnd[this.#endPhase]);
    if (hasStarted(this.#facts)) return this.#claims('pending') ? 'pending' : undefined;
    return (['failed', 'success', 'pending'] as const).find((status) => this.#claims(status));
  }

  #claims(status: TraceEventStatus): boolean {
    return this.#events.some((event) => event.status === status);
  }

  get event(): TraceEvent | undefined {
    return this.#end ?? this.events[0];
  }

  /** `Infinity` when undated, so that the undated come last; a missing span starts with its first child. */
  get start(): number {
    if (this.#start === unread) {
      this.#start = Number.POSITIVE_INFINITY;
      for (const event of this.#events) this.#start = Math.min(this.#start, instantOf(event));
      if (this.#events.length === 0) this.#start = this.children[0]?.start ?? this.#start;
    }
    return this.#start;
  }

  get startTime(): number | undefined {
    return Number.isFinite(this.start) && this.#events.length > 0 ? this.start : undefined;
  }

  get endTime(): number | undefined {
    const form = this.form;
    if (form === 'send' || (form === 'point' && this.#end === undefined)) return this.startTime;
    if (this.#end === undefined) return undefined;
    const end = instantOf(this.#end);
    return Number.isFinite(end) ? end : undefined;
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
    return asError(this.#end?.data?.error) ?? this.#first('error', asError);
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

function attemptOf(event: TraceEvent): number {
  return asNumber(event.data?.attempt) ?? 0;
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

function isAscending<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  for (let i = 1; i < items.length; i++) if (compare(items[i - 1] as T, items[i] as T) > 0) return false;
  return true;
}
