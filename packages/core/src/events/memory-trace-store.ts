import { demandOption } from '../errors/demand-option.ts';
import { StoreClosedError } from '../errors/store-closed-error.ts';
import { encodeTraceEvent } from './encode-trace-event.ts';
import { EventFeed } from './event-feed.ts';
import { frozen } from './frozen.ts';
import { matchesTraceQuery } from './matches-trace-query.ts';
import { pageOfTraces } from './page-of-traces.ts';
import { summarizeTrace } from './summarize-trace.ts';
import type { TraceEvent } from './trace-event.ts';
import type {
  AppendResult,
  ReadOptions,
  StoreCapabilities,
  TraceListPage,
  TraceListQuery,
  TraceStore,
} from './trace-store.ts';

export interface MemoryTraceStoreOptions {
  /** How many events are kept. Beyond it the traces that were written to longest ago go. @default 100_000 */
  readonly maxEvents?: number | undefined;
}

/**
 * The reference implementation of {@link TraceStore}: keeps events in memory, for tests, development and short-lived
 * processes. What it returns is frozen.
 *
 * @example
 * ```ts
 * import { MemoryTraceStore } from '@throughline/core/events';
 *
 * const store = new MemoryTraceStore({ maxEvents: 10_000 });
 * await store.append([
 *   { trace_id: 'T1', span_id: 'S1', event_type: 'order:placed', timestamp: '2026-01-31T12:00:00Z' },
 * ]);
 * await store.getTrace('T1'); // one event, with an event_id
 * ```
 */
export class MemoryTraceStore implements TraceStore {
  readonly capabilities: StoreCapabilities = {};
  readonly #maxEvents: number;
  /** The trace that was written to last comes last. */
  readonly #traces = new Map<string, TraceEvent[]>();
  readonly #ids = new Set<string>();
  readonly #feeds = new Set<EventFeed>();
  #isClosed = false;

  /** @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID` */
  constructor({ maxEvents = 100_000 }: MemoryTraceStoreOptions = {}) {
    demandOption(
      typeof maxEvents === 'number' && maxEvents >= 1,
      'MemoryTraceStore.maxEvents',
      maxEvents,
      'a number of at least 1',
    );
    this.#maxEvents = maxEvents;
  }

  async append(events: readonly TraceEvent[]): Promise<AppendResult> {
    this.#check();
    const rejected: { event: TraceEvent; reason: string }[] = [];
    const stored: TraceEvent[] = [];
    for (const given of events) {
      const { event, reason } = encodeTraceEvent(given);
      if (event === undefined) rejected.push({ event: given, reason });
      else if (this.#add(event)) stored.push(event);
    }
    this.#evict();
    this.#publish(stored);
    return { stored: stored.length, duplicates: events.length - stored.length - rejected.length, rejected };
  }

  async getTrace(traceId: string, { signal }: ReadOptions = {}): Promise<TraceEvent[]> {
    this.#check();
    if (signal?.aborted) throw signal.reason;
    return (this.#traces.get(traceId) ?? []).map(frozen);
  }

  async listTraces(query: TraceListQuery = {}): Promise<TraceListPage> {
    this.#check();
    const summaries = Array.from(this.#traces, ([traceId, events]) => ({
      summary: summarizeTrace(traceId, events),
      events,
    }));
    const found = summaries.filter(({ summary, events }) => matchesTraceQuery(summary, events, query));
    return pageOfTraces(
      found.map(({ summary }) => summary),
      query,
    );
  }

  tail(query: TraceListQuery = {}, { signal }: ReadOptions = {}): AsyncIterable<TraceEvent> {
    this.#check();
    const feed: EventFeed = new EventFeed(query, this.#maxEvents, () => this.#feeds.delete(feed), signal);
    if (!signal?.aborted) this.#feeds.add(feed);
    return feed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const feed of this.#feeds) feed.end();
  }

  #check(): void {
    if (this.#isClosed) throw new StoreClosedError('MemoryTraceStore');
  }

  #add(event: TraceEvent): boolean {
    const { event_id = '', trace_id } = event;
    if (this.#ids.has(event_id)) return false;
    this.#ids.add(event_id);
    const events = this.#traces.get(trace_id) ?? [];
    events.push(event);
    this.#traces.delete(trace_id);
    this.#traces.set(trace_id, events);
    return true;
  }

  #evict(): void {
    for (const [traceId, events] of this.#traces) {
      const excess = this.#ids.size - this.#maxEvents;
      if (excess <= 0) return;
      // Only the trace that is written to now may lose a part of its events: it is the last one.
      const isLast = this.#traces.size === 1;
      for (const { event_id = '' } of events.splice(0, isLast ? excess : events.length))
        this.#ids.delete(event_id);
      if (!isLast) this.#traces.delete(traceId);
    }
  }

  #publish(stored: readonly TraceEvent[]): void {
    if (this.#feeds.size === 0) return;
    for (const event of stored) {
      const events = this.#traces.get(event.trace_id) ?? [event];
      const summary = summarizeTrace(event.trace_id, events);
      for (const feed of this.#feeds) {
        if (matchesTraceQuery(summary, events, feed.query)) feed.push(frozen(event));
      }
    }
  }
}
