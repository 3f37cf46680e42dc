import { demandOption, hasMethods } from '../errors/demand-option.ts';
import { type Clock, systemClock } from '../internal/clock.ts';
import { timeoutOf } from '../internal/timeout.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import type { FlushOptions, WriterStats } from '../telemetry/telemetry.ts';
import { randomSpanId, randomTraceId } from '../trace-context/trace-ids.ts';
import { BufferedEvent } from './buffered-event.ts';
import { copyTraceEvent, defaultMaxDataBytes, type EventCopy } from './copy-trace-event.ts';
import { Delivery } from './delivery.ts';
import { EventBuffer } from './event-buffer.ts';
import { FlushWaiters } from './flush-waiters.ts';
import { type Gap, GapLedger } from './gap-ledger.ts';
import { JsonCopy } from './json-copy.ts';
import type { DraftTraceEvent } from './parse-trace-event.ts';
import { type RedactOptions, Redactor } from './redact.ts';
import { formatTimestamp } from './timestamp.ts';
import type { StoredLink, TraceEvent, TraceEventData } from './trace-event.ts';
import { type LedgerTrace, TraceLedger } from './trace-ledger.ts';
import type { TraceStore } from './trace-store.ts';

const maxResourceBytes = 2048;

/** How an {@link EventWriter} buffers, retries and redacts. All take effect at construction. */
export interface EventWriterOptions {
  /** The clock domain that events are marked with. @default the `source` of the store, else random */
  readonly source?: string | undefined;
  /** Events in memory, batches in flight included. @default 10_000 */
  readonly maxEvents?: number | undefined;
  /** Bytes in memory, measured as JSON in UTF-8. @default 16_777_216 */
  readonly maxBytes?: number | undefined;
  /** Cap of each event's `data`, in bytes. @default 8192 */
  readonly maxDataBytes?: number | undefined;
  /** How long an event waits for company, in milliseconds. @default 50 */
  readonly flushIntervalMs?: number | undefined;
  /** Events per `append`; so many end the wait. @default 100 */
  readonly batchEvents?: number | undefined;
  /** When an `append` that did not answer counts as failed, in milliseconds. @default 10_000 */
  readonly appendTimeoutMs?: number | undefined;
  /** Events of one trace after which it goes on in a continuation trace. @default 10_000 */
  readonly maxTraceEvents?: number | undefined;
  /** What is masked before an event enters the buffer. `false` masks nothing. */
  readonly redact?: RedactOptions | false | undefined;
  /** What produced the events (service, version, host); stored with the first event of each trace. */
  readonly resource?: JsonObject | undefined;
  /**
   * What `process:started` and `process:completed` say about this process: adapters, versions, health. Called when they
   * are written. `false` writes neither.
   */
  readonly process?: (() => JsonObject) | false | undefined;
  /** Where time comes from. Tests give a virtual one. */
  readonly clock?: Clock | undefined;
}

/** What a flush reached, and the account at that moment. */
export interface WriterFlushResult extends WriterStats {
  /** `true`: everything accepted before the call is stored or spooled; nothing was dropped or rejected. */
  readonly complete: boolean;
  /** Why it is not: the deadline came first, or events were lost. */
  readonly reason?: 'timeout' | 'failed' | undefined;
}

/** An event that was emitted and may not have left yet. */
export interface EmittedEvent {
  /**
   * Adds to the `data` of the event, as long as it has not been handed to the store.
   *
   * @returns whether it was in time
   */
  amend(data: TraceEventData): boolean;
}

const lost: EmittedEvent = { amend: () => false };

/**
 * Brings events to a store without ever making the caller wait: buffers, batches, retries and accounts.
 *
 * `emit` never throws and never awaits. What the store cannot take now is kept within `maxEvents` and `maxBytes` and
 * tried again, with growing pauses, or after the time the store asked for (`retryAfterMs` on its error). A batch that
 * fails because of one event is halved until that event stands alone, and only that one is rejected. When there is no
 * room, `progress` events go first, then the oldest others, then ends, and failures last; the gap is written as
 * `throughline:gap` into the trace it tore.
 *
 * The account is exact at every instant: `accepted = stored + duplicates + spooled + dropped + rejected + buffered`.
 *
 * @example
 * ```ts
 * import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
 *
 * const store = new MemoryTraceStore();
 * const writer = new EventWriter(store, { resource: { 'service.name': 'shop' } });
 * writer.emit({ trace_id: 'T1', span_id: 'S1', event_type: 'order:placed', timestamp: new Date().toISOString() });
 * const { complete, buffered } = await writer.close({ timeoutMs: 2000 });
 * if (!complete) console.warn(`${buffered} events were not stored`);
 * ```
 */
export class EventWriter {
  /** The clock domain that events are marked with. */
  readonly source: string;
  readonly #id: string = randomSpanId();
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #redactor: Redactor;
  readonly #resource: JsonObject | undefined;
  readonly #describeProcess: (() => JsonObject) | false;
  readonly #process: StoredLink = { trace_id: randomTraceId(), span_id: randomSpanId() };
  /** What became of every event. Each change keeps the account balanced. */
  readonly #account = { accepted: 0, stored: 0, duplicates: 0, spooled: 0, rejected: 0 };
  readonly #dropped: Record<string, number> = {};
  readonly #buffer = new EventBuffer();
  readonly #traces = new TraceLedger();
  readonly #gaps = new GapLedger(this.#process.trace_id);
  readonly #waiters: FlushWaiters;
  readonly #delivery: Delivery;
  #droppedFields = 0;
  #cancelTimer: (() => void) | undefined;
  #isDue = false;
  #closing: Promise<WriterFlushResult> | undefined;

  /**
   * @param store stays the caller's: `close` of the writer does not close it
   * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
   */
  constructor(store: TraceStore, options: EventWriterOptions = {}) {
    const { clock = systemClock, redact, resource = {}, process = () => ({}), source } = options;
    demand(hasMethods(store, 'append'), 'store', store, 'a TraceStore, MemoryTraceStore for example');
    demand(hasMethods(clock, 'now', 'schedule'), 'clock', clock, 'a Clock');
    demand(typeof resource === 'object', 'resource', resource, 'an object');
    demand(isRedaction(redact), 'redact', redact, 'lists of names to allow and to mask, or false');
    demand(process === false || typeof process === 'function', 'process', process, 'a function, or false');
    demand(source === undefined || typeof source === 'string', 'source', source, 'a text');
    this.#limits = limitsOf(options);
    this.#clock = clock;
    this.#redactor = new Redactor(redact);
    this.#resource = options.resource && new JsonCopy(maxResourceBytes, this.#redactor).record(resource);
    this.#describeProcess = process;
    this.source = source ?? store.source ?? this.#id;
    this.#waiters = new FlushWaiters(clock);
    this.#delivery = new Delivery({
      store,
      clock,
      appendTimeoutMs: this.#limits.appendTimeoutMs,
      take: (atOnce) => this.#take(atOnce),
      settled: (events, duplicates, rejected) => this.#settled(events, duplicates, rejected),
      idle: () => this.#schedule(),
    });
    this.#tellProcess('started');
  }

  /** Whether appends are tried at once (`closed`), wait after failures (`open`), or one is being tried (`half-open`). */
  get circuit(): 'closed' | 'open' | 'half-open' {
    return this.#delivery.circuit;
  }

  /** What the store said last time it failed. */
  get lastError(): unknown {
    return this.#delivery.lastError;
  }

  /** Fields of events that were left out because reading or redacting them failed. */
  get droppedFields(): number {
    return this.#droppedFields;
  }

  /** The account now. `accepted = stored + duplicates + spooled + dropped + rejected + buffered`. */
  stats(): WriterStats {
    return { ...this.#account, dropped: { ...this.#dropped }, buffered: this.#buffered };
  }

  /**
   * Takes an event. Never throws and never waits. The event is copied and redacted at once, so it stays the caller's. It
   * gets an `event_id` once, so that it may be delivered more than once; a `source` and a `seq`.
   *
   * What is no event counts as rejected; after `close`, as dropped.
   */
  emit(event: TraceEvent): EmittedEvent {
    const isOpen = this.#closing === undefined;
    const copy = isOpen ? this.#copy(event) : '';
    if (typeof copy !== 'string') {
      this.#place(copy.event);
      return this.#enqueue(copy);
    }
    this.#account.accepted++;
    if (isOpen) this.#account.rejected++;
    else this.#countDropped('closed');
    return lost;
  }

  /**
   * Waits until everything accepted before the call has left, at most `timeoutMs`, 5,000 by default. Never rejects.
   */
  flush(options?: FlushOptions): Promise<WriterFlushResult> {
    return this.#flush(this.#account.accepted, options, false);
  }

  /**
   * Takes no more events, writes `process:completed` and what is buffered, and stops, after at most `timeoutMs`, 5,000 by
   * default. What could not be stored by then is told as `buffered`. Never rejects; later calls give the first result.
   */
  close(options?: FlushOptions): Promise<WriterFlushResult> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close(options: FlushOptions | undefined): Promise<WriterFlushResult> {
    this.#tellProcess('completed');
    const result = await this.#flush(Number.POSITIVE_INFINITY, options, true);
    this.#delivery.stop();
    this.#cancelTimer?.();
    this.#waiters.giveUp();
    return result;
  }

  async #flush(
    until: number,
    options: FlushOptions | undefined,
    isLast: boolean,
  ): Promise<WriterFlushResult> {
    const hasLost = this.#account.rejected > 0 || Object.keys(this.#dropped).length > 0;
    const wait = this.#waiters.wait(until, this.#buffered, timeoutOf(options));
    this.#deliver();
    this.#delivery.hurry(isLast);
    const outcome = await wait;
    const complete = outcome === 'settled' && !hasLost;
    const reason = outcome === 'timeout' ? 'timeout' : 'failed';
    return { complete, ...(complete ? {} : { reason }), ...this.stats() };
  }

  get #buffered(): number {
    return this.#buffer.size + this.#delivery.held;
  }

  #copy(event: TraceEvent): EventCopy | string {
    const copy = copyTraceEvent(event, this.#limits.maxDataBytes, this.#redactor);
    if (typeof copy === 'string') return copy;
    // A copy that another writer or a store made is theirs.
    if (copy.event === event) return this.#copy({ ...event });
    this.#droppedFields += copy.failures;
    return copy;
  }

  /** Decides which trace the event goes to, and completes the first one there. */
  #place(event: DraftTraceEvent): void {
    let trace = this.#traces.of(event.trace_id);
    if (trace.events >= this.#limits.maxTraceEvents) trace = this.#continue(event.trace_id, trace);
    if (trace.events++ === 0 && this.#resource !== undefined) {
      event.data = { resource: this.#resource, ...event.data };
    }
    event.trace_id = trace.traceId;
  }

  /** A trace that has become too long goes on in another; each names the other by a link. */
  #continue(traceId: string, full: LedgerTrace): LedgerTrace {
    const next = this.#traces.continue(traceId);
    const from = { trace_id: full.traceId, span_id: randomSpanId() };
    const to = { trace_id: next.traceId, span_id: randomSpanId() };
    this.#tell(from, 'throughline:continued', { links: [to] });
    this.#tell(to, 'throughline:continues', { links: [{ ...from, relation: 'continues' }] });
    return next;
  }

  #enqueue(copy: EventCopy): EmittedEvent {
    const buffered = new BufferedEvent(copy, ++this.#account.accepted, this.#amend);
    const { event } = copy;
    if (event.source === undefined) {
      event.source = this.source;
      event.seq ??= buffered.order;
    }
    if (!this.#makeRoom(buffered)) {
      this.#drop(buffered);
      return lost;
    }
    this.#buffer.push(buffered);
    this.#schedule();
    return buffered;
  }

  #makeRoom({ bytes, rank }: BufferedEvent): boolean {
    const { maxEvents, maxBytes } = this.#limits;
    while (this.#buffered >= maxEvents || this.#buffer.bytes + this.#delivery.heldBytes + bytes > maxBytes) {
      const victim = this.#buffer.evict(rank);
      if (victim === undefined) return false;
      this.#drop(victim);
    }
    return true;
  }

  #drop(buffered: BufferedEvent): void {
    this.#countDropped('buffer_full');
    this.#gaps.note(buffered.event);
    this.#waiters.left([buffered], true, this.#buffered);
  }

  #countDropped(reason: 'buffer_full' | 'closed'): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }

  readonly #amend = (buffered: BufferedEvent, data: TraceEventData): boolean => {
    const copy = this.#copy({ ...buffered.event, data: { ...buffered.event.data, ...data } });
    if (typeof copy === 'string') return false;
    this.#buffer.bytes += copy.bytes - buffered.bytes;
    buffered.bytes = copy.bytes;
    buffered.event = copy.event;
    return true;
  };

  #schedule(): void {
    if (this.#delivery.isRunning || this.#buffer.size === 0) return;
    if (this.#buffer.size >= this.#limits.batchEvents) {
      // Not a timer: work that only ever awaits promises never lets a timer run.
      this.#deliver();
    } else {
      this.#cancelTimer ??= this.#clock.schedule(() => this.#deliver(), this.#limits.flushIntervalMs, false);
    }
  }

  #deliver(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#isDue = true;
    this.#delivery.start();
  }

  #take(atOnce: boolean): BufferedEvent[] {
    const { batchEvents } = this.#limits;
    if (!atOnce && !this.#isDue && this.#waiters.isEmpty && this.#buffer.size < batchEvents) return [];
    this.#isDue = false;
    const batch = this.#buffer.take(batchEvents);
    for (const { event, order } of batch) event.event_id ??= `${this.#id}-${order.toString(36)}`;
    return batch;
  }

  #settled(events: readonly BufferedEvent[], duplicates: number, rejected: number): void {
    this.#account.duplicates += duplicates;
    this.#account.rejected += rejected;
    this.#account.stored += events.length - duplicates - rejected;
    // There is room again, for as many as have just left.
    for (const gap of this.#gaps.take(events.length)) this.#tellGap(gap);
    this.#waiters.left(events, rejected > 0, this.#buffered);
  }

  #tellGap({ traceId, spanId, since, until, dropped }: Gap): void {
    const data = { name: 'gap', dropped, since, until, reason: 'buffer_full' };
    this.#tell({ trace_id: traceId, span_id: randomSpanId() }, 'throughline:gap', data, {
      parent_span_id: spanId,
    });
  }

  #tellProcess(phase: 'started' | 'completed'): void {
    if (this.#describeProcess === false) return;
    const data: Record<string, unknown> = { name: 'process', resource: this.#resource };
    const isEnd = phase === 'completed';
    if (isEnd) data.account = this.stats();
    try {
      Object.assign(data, this.#describeProcess());
    } catch {
      this.#droppedFields++;
    }
    this.#tell(this.#process, `process:${phase}`, data, {
      tags: ['throughline:process'],
      status: isEnd ? 'success' : undefined,
    });
  }

  /** Writes an event of the writer's own. */
  #tell(span: StoredLink, event_type: string, data: TraceEventData, more: Partial<TraceEvent> = {}): void {
    const { trace_id, span_id } = span;
    const timestamp = formatTimestamp(this.#clock.now());
    const copy = this.#copy({ trace_id, span_id, event_type, timestamp, data, ...more });
    if (typeof copy !== 'string') this.#enqueue(copy);
  }
}

type Limits = { -readonly [name in keyof typeof defaultLimits]: number };

const defaultLimits = {
  maxEvents: 10_000,
  maxBytes: 16 * 1024 * 1024,
  maxDataBytes: defaultMaxDataBytes,
  flushIntervalMs: 50,
  batchEvents: 100,
  appendTimeoutMs: 10_000,
  maxTraceEvents: 10_000,
};

function limitsOf(options: EventWriterOptions): Limits {
  const limits: Limits = { ...defaultLimits };
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const { [name]: limit = limits[name] } = options;
    demand(typeof limit === 'number' && limit >= 1, name, limit, 'a number of at least 1');
    limits[name] = limit;
  }
  return limits;
}

function isRedaction(redact: RedactOptions | false | undefined): boolean {
  const { allow = [], mask = [] } = redact || {};
  return typeof (redact || {}) === 'object' && Array.isArray(allow) && Array.isArray(mask);
}

function demand(isMet: boolean, name: string, received: unknown, expected: string): void {
  demandOption(isMet, `EventWriter.${name}`, received, expected);
}
