import { StoreClosedError, StoreUnavailableError } from '@throughline/core';
import {
  type AppendResult,
  encodeTraceEvent,
  MemoryTraceStore,
  type ReadOptions,
  type StoreCapabilities,
  type TraceEvent,
  type TraceListPage,
  type TraceListQuery,
  type TraceStore,
} from '@throughline/core/events';

/** Where stores of the tests keep their events: as a database, it outlives them and can be out of reach. */
export class MemoryPlace {
  readonly memory: MemoryTraceStore;
  /** The ids of all that was stored: known at once, where `memory` answers with promises. */
  readonly ids: Set<string> = new Set();
  isDown = false;

  constructor(maxEvents: number) {
    this.memory = new MemoryTraceStore({ maxEvents });
  }
}

/** A batch as it is going to be written. */
export interface Prepared {
  accepted: TraceEvent[];
  readonly rejected: { event: TraceEvent; reason: string }[];
}

/** A sound store over a place that others share. What is protected is where saboteurs go wrong. */
export class SharedMemoryStore implements TraceStore {
  readonly capabilities: StoreCapabilities = {};
  protected readonly place: MemoryPlace;
  protected readonly closing: AbortController = new AbortController();
  protected underWay = 0;
  readonly #writes = new Set<Promise<unknown>>();

  constructor(place: MemoryPlace) {
    this.place = place;
  }

  async append(events: readonly TraceEvent[]): Promise<AppendResult> {
    this.check();
    const { accepted, rejected } = this.prepare(events);
    this.underWay++;
    const write = this.write(accepted).finally(() => this.underWay--);
    this.#writes.add(write);
    const { stored, duplicates } = await write.finally(() => this.#writes.delete(write));
    return { stored, duplicates, rejected };
  }

  async getTrace(traceId: string, { signal }: ReadOptions = {}): Promise<TraceEvent[]> {
    this.check();
    if (signal?.aborted) throw signal.reason;
    await turn();
    if (signal?.aborted) throw signal.reason;
    return this.read(traceId);
  }

  async listTraces(query?: TraceListQuery): Promise<TraceListPage> {
    this.check();
    return this.list(query ?? {});
  }

  tail(query?: TraceListQuery, { signal }: ReadOptions = {}): AsyncIterable<TraceEvent> {
    this.check();
    const signals = [this.closing.signal, ...(signal ? [signal as AbortSignal] : [])];
    return this.follow(query ?? {}, AbortSignal.any(signals));
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.#writes);
  }

  protected check(): void {
    if (this.closing.signal.aborted) throw new StoreClosedError('SharedMemoryStore');
  }

  /** Copies what the caller may change afterwards, and sorts out what is no event. */
  protected prepare(events: readonly TraceEvent[]): Prepared {
    return sorted(events);
  }

  protected async write(events: readonly TraceEvent[]): Promise<AppendResult> {
    await turn();
    if (this.place.isDown) throw this.unavailable();
    return this.store(events);
  }

  appendSync(events: readonly TraceEvent[]): AppendResult {
    this.check();
    const { accepted, rejected } = sorted(events);
    if (this.place.isDown) throw new StoreUnavailableError('the place is down');
    return { ...this.store(accepted), rejected };
  }

  /** Memory has stored them when its `append` returns. */
  protected store(events: readonly TraceEvent[]): AppendResult {
    const before = this.place.ids.size;
    for (const { event_id = '' } of events) this.place.ids.add(event_id);
    void this.place.memory.append(events);
    const stored = this.place.ids.size - before;
    return { stored, duplicates: events.length - stored, rejected: [] };
  }

  protected unavailable(): Error {
    return new StoreUnavailableError('the place is down');
  }

  protected async read(traceId: string): Promise<TraceEvent[]> {
    return this.place.memory.getTrace(traceId);
  }

  protected async list(query: TraceListQuery): Promise<TraceListPage> {
    return this.place.memory.listTraces(query);
  }

  /** The traces that match, of those that have such an event. */
  protected async listOnly(
    query: TraceListQuery,
    isWanted: (event: TraceEvent) => boolean,
  ): Promise<TraceListPage> {
    const { traces, ...page } = await this.place.memory.listTraces(query);
    const events = await Promise.all(traces.map(({ traceId }) => this.place.memory.getTrace(traceId)));
    return { ...page, traces: traces.filter((_, i) => events[i]?.some(isWanted)) };
  }

  protected follow(query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
    return this.place.memory.tail(query, { signal });
  }
}

function sorted(events: readonly TraceEvent[]): Prepared {
  const prepared: Prepared = { accepted: [], rejected: [] };
  for (const given of events) {
    const { event, reason } = encodeTraceEvent(given);
    if (event === undefined) prepared.rejected.push({ event: given, reason });
    else prepared.accepted.push(event);
  }
  return prepared;
}

/** Longer than a promise takes: what must wait is seen to wait. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
