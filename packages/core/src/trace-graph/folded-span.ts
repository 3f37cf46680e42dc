import { splitEventType } from '../events/event-type.ts';
import type {
  StoredEntity,
  StoredError,
  StoredLink,
  TraceEvent,
  TraceEventData,
  TraceEventStatus,
} from '../events/trace-event.ts';
import type { JsonObject, SpanKind } from '../telemetry/telemetry.ts';
import { asEntity, asError, asFields, asLink, asList, asNumber, asText } from './event-data.ts';
import {
  compareEvents,
  compareNumbers,
  compareTexts,
  compareWithinSpan,
  instantOf,
  isSameEvent,
} from './event-order.ts';
import { EventSet } from './event-set.ts';
import {
  canceled,
  completed,
  failed,
  free,
  isFinal,
  isTerminal,
  type PhaseCode,
  phaseOf,
  progress,
  queued,
  retrying,
  stalled,
  started,
  suspended,
} from './phase.ts';
import type { SpanForm, SpanState, TraceSpan } from './trace-span.ts';
import type { FoldedWork } from './work.ts';

/** Instants are parsed when something asks for them: most questions are about the shape of the tree. */
const unread = -Infinity;
/** From this many events of one span on, duplicates are looked up instead of compared one by one. */
const crowd = 8;
const running = (1 << started) | (1 << progress);

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
 * The one implementation of {@link TraceSpan}. Folding and linking write its fields; nobody else does.
 *
 * Everything written while folding is a minimum, a maximum or a union, so the order of arrival leaves no trace. What
 * only readers want (names, attributes, errors) is read from the events when asked for.
 */
export class FoldedSpan implements TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Position by arrival. */
  readonly ordinal: number;
  parentSpanId: string | undefined;
  parent: FoldedSpan | undefined;
  origin: FoldedSpan | undefined;
  /** Children as a chain, in no order; {@link children} sorts them. */
  firstChild: FoldedSpan | undefined;
  nextSibling: FoldedSpan | undefined;
  attempt: number | undefined;
  entity: StoredEntity | undefined;
  /** The work that this span is an attempt at; set when work is looked at. */
  work: FoldedWork | undefined;
  originalSpanId: string | undefined;
  isStep: boolean;
  hasLinks: boolean;
  /** Two events name different parents. */
  parentsDiffer: boolean;
  /** Two events name different work. */
  entitiesDiffer: boolean;
  /** Two events of the latest attempt end the span in different ways. */
  endsDiffer: boolean;
  /** A newer attempt, or the report of a stall, shows that nobody will end this span. */
  isAbandoned: boolean;
  duplicates: number;

  #list: TraceEvent[];
  #set: EventSet | undefined;
  #isSorted: boolean;
  /** Bit set of the phases seen. */
  #seen: number;
  #end: TraceEvent | undefined;
  #endPhase: PhaseCode;
  #children: readonly FoldedSpan[] | undefined;
  #start: number;

  constructor(traceId: string, spanId: string, ordinal: number) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.ordinal = ordinal;
    this.parentSpanId = undefined;
    this.parent = undefined;
    this.origin = undefined;
    this.firstChild = undefined;
    this.nextSibling = undefined;
    this.attempt = undefined;
    this.entity = undefined;
    this.work = undefined;
    this.originalSpanId = undefined;
    this.isStep = false;
    this.hasLinks = false;
    this.parentsDiffer = false;
    this.entitiesDiffer = false;
    this.endsDiffer = false;
    this.isAbandoned = false;
    this.duplicates = 0;
    this.#list = [];
    this.#set = undefined;
    this.#isSorted = true;
    this.#seen = 0;
    this.#end = undefined;
    this.#endPhase = free;
    this.#children = undefined;
    this.#start = unread;
  }

  /** Takes an event that belongs to this span; a duplicate is only counted. */
  take(event: TraceEvent): void {
    if (this.#holds(event)) {
      this.duplicates += 1;
      return;
    }
    const phase = phaseOf(event.event_type);
    this.#seen |= 1 << phase;
    if (event.parent_span_id !== this.parentSpanId) this.#takeParent(event.parent_span_id);
    if (event.data !== undefined && event.data !== null) this.#takeData(event.data);
    if (isTerminal(phase)) this.#takeEnd(event, phase);
    if (event.event_type.charCodeAt(0) === letterS && phase !== free && isStepType(event.event_type))
      this.isStep = true;
  }

  #holds(event: TraceEvent): boolean {
    const list = this.#list;
    if (list.length >= crowd) {
      this.#set ??= new EventSet(list);
      if (!this.#set.add(event)) return true;
    } else {
      for (let i = 0; i < list.length; i++) if (isSameEvent(list[i] as TraceEvent, event)) return true;
    }
    // Most spans have two events, and pushing onto a list of one reserves room for seventeen.
    if (list.length === 1) this.#list = [list[0] as TraceEvent, event];
    else list.push(event);
    this.#isSorted = false;
    return false;
  }

  #takeParent(parent: unknown): void {
    if (typeof parent !== 'string' || parent === '') return;
    if (this.parentSpanId === undefined) this.parentSpanId = parent;
    else this.parentsDiffer = true;
  }

  #takeData(data: TraceEventData): void {
    const { entity, attempt, original_span_id: original } = data;
    if (entity !== undefined) this.#takeEntity(entity);
    if (typeof attempt === 'number' && attempt > (this.attempt ?? 0)) this.attempt = attempt;
    if (original !== undefined && compareTexts(asText(original), this.originalSpanId) > 0)
      this.originalSpanId = original;
    if (data.links !== undefined) this.hasLinks = true;
    if (data.step === true) this.isStep = true;
  }

  #takeEntity(value: unknown): void {
    const entity = asEntity(value);
    if (this.entity === undefined) this.entity = entity;
    else if (entity !== undefined && !isSameEntity(entity, this.entity)) this.entitiesDiffer = true;
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

  /** Where events disagree, the first of them counts: known only when all have arrived. */
  settle(): void {
    if (this.parentsDiffer)
      this.parentSpanId = this.events.find(({ parent_span_id: id }) => asText(id))?.parent_span_id;
    if (this.entitiesDiffer) this.entity = this.#first('entity', asEntity);
  }

  /** Joins a child to the chain of children; their order is settled when somebody asks. */
  adopt(child: FoldedSpan): void {
    child.nextSibling = this.firstChild;
    this.firstChild = child;
  }

  get children(): readonly FoldedSpan[] {
    this.#children ??= inOrder(chainOf(this.firstChild));
    return this.#children;
  }

  get events(): readonly TraceEvent[] {
    if (!this.#isSorted) {
      if (!isAscending(this.#list, compareWithinSpan)) this.#list.sort(compareWithinSpan);
      this.#isSorted = true;
    }
    return this.#list;
  }

  get eventCount(): number {
    return this.#list.length;
  }

  /** Whether it started, did not end, and nothing shows that it never will. */
  get isOpen(): boolean {
    return (this.#seen & running) !== 0 && this.#end === undefined && !this.isAbandoned;
  }

  /** Whether an event of a terminal phase arrived. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get form(): SpanForm {
    const seen = this.#seen;
    if (seen === 0) return 'missing';
    if ((seen & running) !== 0) return 'work';
    if (this.#end !== undefined) return this.#list.length === 1 ? 'point' : 'work';
    return (seen & (1 << queued)) !== 0 ? 'send' : 'point';
  }

  get state(): SpanState {
    if (this.isAbandoned) return 'interrupted';
    if (this.#end !== undefined) return this.#stateOfEnd();
    if (this.#seen === 0) return 'missing';
    if ((this.#seen & running) !== 0) return 'open';
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
    if ((this.#seen & running) !== 0) return this.#claims('pending') ? 'pending' : undefined;
    return (['failed', 'success', 'pending'] as const).find((status) => this.#claims(status));
  }

  #claims(status: TraceEventStatus): boolean {
    return this.#list.some((event) => event.status === status);
  }

  get event(): TraceEvent | undefined {
    return this.#end ?? this.events[0];
  }

  /** `Infinity` when undated, so that the undated come last; a missing span starts with its first child. */
  get start(): number {
    if (this.#start === unread) {
      this.#start = Number.POSITIVE_INFINITY;
      for (const event of this.#list) this.#start = Math.min(this.#start, instantOf(event));
      if (this.#seen === 0) this.#start = this.children[0]?.start ?? this.#start;
    }
    return this.#start;
  }

  get startTime(): number | undefined {
    return Number.isFinite(this.start) && this.#seen !== 0 ? this.start : undefined;
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
    if (!this.hasLinks) return [];
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

function isSameEntity(a: StoredEntity, b: StoredEntity): boolean {
  return a.id === b.id && a.queue === b.queue && a.system === b.system && a.name === b.name;
}

const letterS = 115;

/** `stage:credit:started` has a step as its subject, `stage:started` has not. */
function isStepType(type: string): boolean {
  return (
    (type.startsWith('stage:') && type.lastIndexOf(':') > 5) ||
    (type.startsWith('step:') && type.lastIndexOf(':') > 4)
  );
}

function attemptOf(event: TraceEvent): number {
  return asNumber(event.data?.attempt) ?? 0;
}

function chainOf(first: FoldedSpan | undefined): FoldedSpan[] {
  const spans: FoldedSpan[] = [];
  for (let span = first; span !== undefined; span = span.nextSibling) spans.push(span);
  return spans;
}

/** Sorts spans by start; ties by source and counter, then by id, so that the order never depends on arrival. */
export function inOrder(spans: FoldedSpan[]): FoldedSpan[] {
  return isAscending(spans, compareSpans) ? spans : spans.sort(compareSpans);
}

export function compareSpans(a: FoldedSpan, b: FoldedSpan): number {
  return (
    compareNumbers(a.start, b.start) ||
    compareFirstEvents(a, b) ||
    compareTexts(a.spanId, b.spanId) ||
    compareTexts(a.traceId, b.traceId)
  );
}

/** A writer counts its events, so of two spans that one source started in one instant the counter knows the first. */
function compareFirstEvents(a: FoldedSpan, b: FoldedSpan): number {
  const [first] = a.events;
  const [other] = b.events;
  return compareTexts(first?.source, other?.source) || compareNumbers(first?.seq ?? 0, other?.seq ?? 0);
}

function isAscending<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  for (let i = 1; i < items.length; i++) if (compare(items[i - 1] as T, items[i] as T) > 0) return false;
  return true;
}
