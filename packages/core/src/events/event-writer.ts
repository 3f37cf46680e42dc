import { hasMethods } from '../errors/demand-option.ts';
import { type Clock, systemClock } from '../internal/clock.ts';
import { timeoutOf } from '../internal/timeout.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import type { FlushOptions, WriterStats } from '../telemetry/telemetry.ts';
import { randomSpanId, randomTraceId } from '../trace-context/trace-ids.ts';
import { type AppendCounts, appendCounts, fieldOf } from './append-counts.ts';
import { BufferedEvent, rankOfType } from './buffered-event.ts';
import { EventCopier, sealed } from './copy-trace-event.ts';
import { type Delivered, Delivery, type Destination } from './delivery.ts';
import { EventBuffer } from './event-buffer.ts';
import type { EventSpool } from './event-spool.ts';
import {
  demandWriterOptions,
  type EventWriterOptions,
  type Limits,
  limitsOf,
} from './event-writer-options.ts';
import { FlushWaiters } from './flush-waiters.ts';
import { type DropReason, type Gap, GapLedger } from './gap-ledger.ts';
import { JsonCopy } from './json-copy.ts';
import { wellFormed } from './json-text.ts';
import { Memo } from './memo.ts';
import { OwnEvents } from './own-events.ts';
import type { DraftTraceEvent } from './parse-trace-event.ts';
import { Redactor } from './redact.ts';
import { Replay } from './replay.ts';
import { Spill, spoolBatch } from './spill.ts';
import { formatTimestamp } from './timestamp.ts';
import type { StoredLink, TraceEvent, TraceEventData } from './trace-event.ts';
import { type LedgerTrace, TraceLedger } from './trace-ledger.ts';
import type { TraceStore } from './trace-store.ts';

const maxResourceBytes = 2048;
/** How long before the deadline of a flush the spool gets what the store has not taken. */
const longestReserveMs = 1000;

/** What a flush reached, and the account at that moment. */
export interface WriterFlushResult extends WriterStats {
  /** `true`: everything accepted before the call is stored or spooled; nothing was ever dropped or rejected. */
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

/** What an event type means to the writer. */
interface KnownType {
  /** As it is stored. */
  readonly type: string;
  readonly rank: number;
}

/**
 * Brings events to a store without ever making the caller wait: buffers, batches, retries and accounts.
 *
 * `emit` never throws and never awaits. What the store cannot take now is kept within `maxEvents` and `maxBytes` and
 * tried again, with growing pauses, or after the time the store asked for (`retryAfterMs` on its error). A batch that
 * fails because of one event is halved until that event stands alone, and only that one is rejected.
 *
 * With a `spool`, what the store does not take in time waits there, also beyond the end of the process, and is brought to
 * the store when it works again. Without one, or when that fails as well, and there is no room, `progress` events go
 * first, then the oldest others, then ends, and failures last; the gap is written as `throughline:gap` into the trace it
 * tore.
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
  readonly #copier: EventCopier;
  readonly #types: Memo<KnownType>;
  readonly #resource: JsonObject | undefined;
  readonly #describeProcess: (() => JsonObject) | false;
  readonly #process: StoredLink = { trace_id: randomTraceId(), span_id: randomSpanId() };
  /** What became of every event. Each change keeps the account balanced. */
  readonly #account = { accepted: 0, stored: 0, duplicates: 0, spooled: 0, rejected: 0, replayed: 0 };
  readonly #dropped: Record<string, number> = {};
  readonly #buffer = new EventBuffer();
  readonly #traces = new TraceLedger();
  readonly #gaps = new GapLedger(this.#process.trace_id);
  readonly #waiters: FlushWaiters;
  readonly #store: TraceStore;
  readonly #spool: EventSpool | undefined;
  readonly #delivery: Delivery<BufferedEvent>;
  readonly #spill: Spill | undefined;
  readonly #replay: Replay | undefined;
  readonly #own: OwnEvents;
  #crashError: unknown;
  #cancelTimer: (() => void) | undefined;
  #isDue = false;
  #closing: Promise<WriterFlushResult> | undefined;

  /**
   * @param store stays the caller's, as the spool does: `close` of the writer closes neither
   * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
   */
  constructor(store: TraceStore, options: EventWriterOptions = {}) {
    demandWriterOptions(store, options);
    const { clock = systemClock, redact, resource, spool, process = () => ({}), source } = options;
    this.#limits = limitsOf(options);
    this.#store = store;
    this.#spool = spool;
    this.#clock = clock;
    const redactor = new Redactor(redact);
    this.#copier = new EventCopier(this.#limits.maxDataBytes, redactor);
    this.#types = new Memo((type) => ({
      type: redactor.eventType(wellFormed(type)),
      rank: rankOfType(type),
    }));
    this.#resource = resource && new JsonCopy(maxResourceBytes, redactor).record(resource);
    this.#describeProcess = process;
    this.source = source ?? store.source ?? this.#id;
    this.#own = new OwnEvents(`${this.#id}-`, this.source);
    this.#waiters = new FlushWaiters(clock);
    const to: Destination = { store, clock, appendTimeoutMs: this.#limits.appendTimeoutMs };
    this.#delivery = new Delivery(to, {
      take: (atOnce) => this.#take(atOnce),
      settled: (events, counts) => this.#settled(events, counts),
      idle: () => this.#schedule(),
    });
    if (spool !== undefined) {
      this.#spill = this.#spillTo(spool);
      this.#replay = this.#replayFrom(spool, to);
    }
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

  /** What the spool said last time it failed. */
  get lastSpoolError(): unknown {
    return this.#crashError ?? this.#spill?.lastError ?? this.#replay?.lastError;
  }

  /** Fields of events that were left out because reading or redacting them failed. */
  get droppedFields(): number {
    return this.#copier.failures;
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
    const copy = isOpen ? this.#copier.copy(event) : '';
    if (typeof copy !== 'string') {
      const { bytes } = this.#copier;
      this.#place(copy);
      return this.#enqueue(copy, bytes);
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
   * default. What could be neither stored nor spooled by then is told as `buffered`. Never rejects; later calls give the
   * first result.
   */
  close(options?: FlushOptions): Promise<WriterFlushResult> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  /**
   * Keeps everything that is in memory before it returns: for the moment of a crash. It blocks, and never throws. What is
   * on its way to the store is kept, too, and may arrive twice, which changes nothing.
   *
   * It goes to the spool. Without one it goes to the store, if that has an `appendSync`; otherwise nothing happens.
   *
   * @returns the account; `buffered` is what could not be kept
   * @example
   * ```ts
   * import type { EventWriter } from '@throughline/core/events';
   *
   * declare const writer: EventWriter;
   *
   * process.on('uncaughtExceptionMonitor', () => writer.spoolSync());
   * ```
   */
  spoolSync(): WriterStats {
    if (hasMethods(this.#spool ?? this.#store, 'appendSync')) {
      this.#recall();
      while (this.#buffer.size > 0 && this.#keptSync(this.#oldest(spoolBatch)));
    }
    return this.stats();
  }

  async #close(options: FlushOptions | undefined): Promise<WriterFlushResult> {
    this.#tellProcess('completed');
    const result = await this.#flush(Number.POSITIVE_INFINITY, options, true);
    this.#delivery.stop();
    this.#spill?.stop();
    this.#replay?.stop();
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
    const timeoutMs = timeoutOf(options);
    const wait = this.#waiters.wait(until, this.#buffered, timeoutMs);
    const reserveMs = Math.min(timeoutMs / 2, longestReserveMs);
    const cancelSpill =
      this.#spill && this.#clock.schedule(() => this.#spillAll(), timeoutMs - reserveMs, false);
    this.#deliver();
    this.#delivery.hurry(isLast);
    const outcome = await wait;
    cancelSpill?.();
    const complete = outcome === 'settled' && !hasLost;
    const reason = outcome === 'timeout' ? 'timeout' : 'failed';
    return { complete, ...(complete ? {} : { reason }), ...this.stats() };
  }

  get #buffered(): number {
    return this.#buffer.size + this.#delivery.held + (this.#spill?.held ?? 0);
  }

  get #bytes(): number {
    return this.#buffer.bytes + this.#delivery.heldBytes + (this.#spill?.heldBytes ?? 0);
  }

  /** Half of the room is for what comes while the spool works. */
  #isCrowded(): boolean {
    const { maxEvents, maxBytes } = this.#limits;
    return this.#buffered > maxEvents / 2 || this.#bytes > maxBytes / 2;
  }

  #spillTo(spool: EventSpool): Spill {
    return new Spill({
      spool,
      clock: this.#clock,
      timeoutMs: this.#limits.appendTimeoutMs,
      isCrowded: () => this.#isCrowded(),
      take: (count) => this.#spillable(count),
      restore: (events) => this.#restore(events),
      spooled: (events) => this.#spooled(events),
    });
  }

  #replayFrom(spool: EventSpool, to: Destination): Replay {
    return new Replay(to, {
      spool,
      isBusy: () => this.#delivery.isFailing || this.#isCrowded(),
      settled: (events, counts) => this.#replayed(events, counts),
    });
  }

  #keptSync(batch: readonly BufferedEvent[]): boolean {
    const events = batch.map(({ event }) => event);
    try {
      if (this.#spool === undefined) {
        this.#settled(batch, appendCounts(this.#store.appendSync?.(events), batch.length));
      } else {
        this.#spool.appendSync(events);
        this.#spooled(batch);
      }
      return true;
    } catch (error) {
      this.#crashError = error;
      this.#restore(batch);
      return false;
    }
  }

  /** What the store is being offered goes last: it tells when the store works again. */
  #spillable(count: number): BufferedEvent[] {
    if (this.#buffer.size === 0) this.#restore(this.#delivery.recall());
    return this.#oldest(count);
  }

  #spillAll(): void {
    this.#restore(this.#delivery.recall());
    this.#spill?.start(this.#buffer.size);
  }

  #restore(events: readonly BufferedEvent[]): void {
    this.#buffer.restore(events);
    this.#schedule();
  }

  /** What is on its way goes back to the buffer. */
  #recall(): void {
    const events = [...this.#delivery.recall(), ...(this.#spill?.recall() ?? [])];
    this.#restore(events.sort((a, b) => a.order - b.order));
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

  #enqueue(event: DraftTraceEvent, bytes: number): EmittedEvent {
    const order = ++this.#account.accepted;
    const { type, rank } = this.#types.of(event.event_type);
    event.event_type = type;
    if (event.source === undefined) {
      event.source = this.source;
      event.seq ??= order;
    }
    const buffered = new BufferedEvent(event, bytes, order, rank, this.#amend);
    if (!this.#makeRoom(buffered)) {
      this.#drop(buffered);
      return lost;
    }
    this.#buffer.push(buffered);
    this.#schedule();
    this.#spill?.watch();
    return buffered;
  }

  #makeRoom({ bytes, rank }: BufferedEvent): boolean {
    const { maxEvents, maxBytes } = this.#limits;
    while (this.#buffered >= maxEvents || this.#bytes + bytes > maxBytes) {
      const victim = this.#buffer.evict(rank);
      if (victim === undefined) return false;
      this.#drop(victim);
    }
    return true;
  }

  #drop(buffered: BufferedEvent): void {
    const reason = this.#whyFull();
    this.#countDropped(reason);
    this.#gaps.note(buffered.event, reason);
    this.#waiters.left([buffered], true, this.#buffered);
  }

  #whyFull(): DropReason {
    if (this.#spill?.isFailing !== true) return 'buffer_full';
    return fieldOf(this.#spill.lastError, 'code') === 'THROUGHLINE_STORE_FULL'
      ? 'spool_full'
      : 'spool_failed';
  }

  #countDropped(reason: DropReason | 'closed'): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }

  readonly #amend = (buffered: BufferedEvent, data: TraceEventData): boolean => {
    const copy = this.#copier.copy({ ...buffered.event, data: { ...buffered.event.data, ...data } });
    if (typeof copy === 'string' || buffered.isTaken) return false;
    this.#buffer.bytes += this.#copier.bytes - buffered.bytes;
    buffered.bytes = this.#copier.bytes;
    buffered.event = copy;
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
    return this.#oldest(batchEvents);
  }

  #oldest(count: number): BufferedEvent[] {
    const events = this.#buffer.take(count);
    for (const { event, order } of events) {
      event.event_id ??= `${this.#id}-${order.toString(36)}`;
      sealed(event);
    }
    return events;
  }

  #settled(events: readonly BufferedEvent[], counts: AppendCounts): void {
    this.#count(events.length, counts);
    this.#left(events, counts.rejected > 0);
  }

  #spooled(events: readonly BufferedEvent[]): void {
    this.#account.spooled += events.length;
    for (const { event } of events) this.#own.add(event);
    this.#left(events, false);
    this.#replay?.notice();
  }

  /** What others spooled is no part of this account, and neither is what is given twice. */
  #replayed(events: readonly Delivered[], { duplicates, rejected }: AppendCounts): void {
    const own = Math.min(events.filter(({ event }) => this.#own.take(event)).length, this.#account.spooled);
    const refused = Math.min(rejected, own);
    this.#account.spooled -= own;
    this.#count(own, { duplicates: Math.min(duplicates, own - refused), rejected: refused });
    this.#account.replayed += events.length - own;
  }

  #count(count: number, { duplicates, rejected }: AppendCounts): void {
    this.#account.duplicates += duplicates;
    this.#account.rejected += rejected;
    this.#account.stored += count - duplicates - rejected;
  }

  #left(events: readonly BufferedEvent[], isLost: boolean): void {
    // There is room again, for as many as have just left.
    for (const gap of this.#gaps.take(events.length)) this.#tellGap(gap);
    this.#waiters.left(events, isLost, this.#buffered);
  }

  #tellGap({ traceId, spanId, since, until, dropped, reason }: Gap): void {
    const data = { name: 'gap', dropped, since, until, reason };
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
      this.#copier.failures++;
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
    const copy = this.#copier.copy({ trace_id, span_id, event_type, timestamp, data, ...more });
    if (typeof copy !== 'string') this.#enqueue(copy, this.#copier.bytes);
  }
}
