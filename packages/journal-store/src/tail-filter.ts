import {
  matchesTraceQuery,
  summarizeTrace,
  type TraceEvent,
  type TraceListQuery,
} from '@throughline/core/events';
import { RecentIds } from './recent-ids.ts';

/**
 * Which events of a tail its query means: each is judged by its trace as that stood when it was stored, itself included.
 */
export class TailFilter {
  readonly #query: TraceListQuery;
  readonly #before: (traceId: string) => Promise<TraceEvent[]>;
  readonly #isEmpty: boolean;
  /** Whether a trace that matches goes on matching, whatever comes. */
  readonly #isLasting: boolean;
  readonly #matched = new RecentIds();

  /** @param before gives the events of a trace that were stored before those that are selected from next */
  constructor(query: TraceListQuery, before: (traceId: string) => Promise<TraceEvent[]>) {
    const { limit, cursor, ...conditions } = query;
    this.#query = conditions;
    this.#before = before;
    this.#isEmpty = Object.values(conditions).every((condition) => condition === undefined);
    this.#isLasting = query.until === undefined && (query.status === undefined || query.status === 'failed');
  }

  /** @param events in the order in which they were stored */
  async select(events: readonly TraceEvent[]): Promise<readonly TraceEvent[]> {
    if (this.#isEmpty) return events;
    const selected = new Set<TraceEvent>();
    for (const [traceId, own] of byTrace(events)) {
      for (const event of await this.#selectOf(traceId, own)) selected.add(event);
    }
    return events.filter((event) => selected.has(event));
  }

  async #selectOf(traceId: string, events: readonly TraceEvent[]): Promise<readonly TraceEvent[]> {
    if (this.#matched.has(traceId)) return events;
    const trace = await this.#before(traceId);
    if (this.#isLasting && !this.#matches(traceId, [...trace, ...events])) return [];
    return events.filter((event) => {
      trace.push(event);
      if (this.#matched.has(traceId)) return true;
      const matches = this.#matches(traceId, trace);
      if (matches && this.#isLasting) this.#matched.add(traceId);
      return matches;
    });
  }

  #matches(traceId: string, trace: readonly TraceEvent[]): boolean {
    return matchesTraceQuery(summarizeTrace(traceId, trace), trace, this.#query);
  }
}

function byTrace(events: readonly TraceEvent[]): Map<string, TraceEvent[]> {
  const traces = new Map<string, TraceEvent[]>();
  for (const event of events) {
    const trace = traces.get(event.trace_id);
    if (trace === undefined) traces.set(event.trace_id, [event]);
    else trace.push(event);
  }
  return traces;
}
