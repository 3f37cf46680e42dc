import type { ReadOptions, TraceEvent, TraceListPage, TraceListQuery } from '@throughline/core/events';
import type { SegmentCatalog } from './segment-catalog.ts';
import { type TraceKey, traceKey } from './trace-key.ts';
import { TraceSearch } from './trace-search.ts';

/** Reads traces out of the segments of a journal. Every method throws the system's error. */
export class JournalReader {
  readonly #catalog: SegmentCatalog;

  constructor(catalog: SegmentCatalog) {
    this.#catalog = catalog;
  }

  async getTrace(traceId: string, { signal }: ReadOptions = {}): Promise<TraceEvent[]> {
    const events = await this.#read(traceKey(traceId), signal);
    this.#catalog.trim();
    return events;
  }

  /** The events before a position in each segment, by name; none of segments that are not named. */
  getTraceBefore(traceId: string, positions: ReadonlyMap<string, number>): Promise<TraceEvent[]> {
    return this.#read(traceKey(traceId), undefined, positions);
  }

  async listTraces(query: TraceListQuery): Promise<TraceListPage> {
    const search = new TraceSearch(query);
    for (const segment of this.#catalog.current()) {
      const facts = await segment.facts();
      if (facts !== undefined) search.add(facts);
      this.#catalog.trim();
    }
    const page = await search.page((key) => this.#read(key));
    this.#catalog.trim();
    return page;
  }

  async #read(
    key: TraceKey,
    signal?: ReadOptions['signal'],
    before?: ReadonlyMap<string, number>,
  ): Promise<TraceEvent[]> {
    const events = new Map<string, TraceEvent>();
    const keep = (event: TraceEvent): void => {
      // An event that several deliveries stored is one event.
      const { event_id = '' } = event;
      if (!events.has(event_id)) events.set(event_id, event);
    };
    for (const segment of this.#catalog.current()) {
      if (signal?.aborted) throw signal.reason;
      await segment.readTrace(key, keep, before && (before.get(segment.name) ?? 0));
    }
    if (signal?.aborted) throw signal.reason;
    return [...events.values()];
  }
}
