import { linksOf } from './event-facts.ts';
import type { TraceEvent } from './trace-event.ts';
import type { ReadOptions, TraceStore } from './trace-store.ts';

export interface CollectTraceOptions extends ReadOptions {
  /** How many traces are read. @default 32 */
  readonly maxTraces?: number | undefined;
  /** How many events are collected. @default 100_000 */
  readonly maxEvents?: number | undefined;
}

/** A linked trace that was not read, or not whole, and why. */
export interface TraceCutOff {
  readonly traceId: string;
  readonly reason: 'max_traces' | 'max_events' | 'unreadable';
}

/** The events of a trace and of those it is linked with. */
export interface CollectedTrace {
  /** Trace after trace, in the order in which they were reached. */
  readonly events: readonly TraceEvent[];
  /** The traces that have events, the one asked for first. */
  readonly traceIds: readonly string[];
  readonly cutOffs: readonly TraceCutOff[];
}

/**
 * Reads a trace together with the traces it links to and those that link to it, so that *why* crosses the borders where
 * consumers linked instead of continuing the trace.
 *
 * Links back are found with `listTraces({ linkedTo })`, where the store can. A linked trace that cannot be read is told
 * as a cut-off.
 *
 * @returns no events when the trace is unknown
 * @throws what `getTrace` rejects with for the trace asked for
 * @example
 * ```ts
 * import { collectTrace, type TraceStore } from '@throughline/core/events';
 *
 * declare const store: TraceStore;
 * const { events, cutOffs } = await collectTrace(store, '0af7651916cd43dd8448eb211c80319c');
 * ```
 */
export async function collectTrace(
  store: TraceStore,
  traceId: string,
  { maxTraces = 32, maxEvents = 100_000, signal }: CollectTraceOptions = {},
): Promise<CollectedTrace> {
  const events: TraceEvent[] = [];
  const traceIds: string[] = [];
  const cutOffs: TraceCutOff[] = [];
  const reached = new Set([traceId]);
  for (const id of reached) {
    if (traceIds.length >= maxTraces || events.length >= maxEvents) {
      cutOffs.push({ traceId: id, reason: traceIds.length >= maxTraces ? 'max_traces' : 'max_events' });
      continue;
    }
    const trace = await store.getTrace(id, { signal }).catch((error: unknown) => {
      if (id === traceId || signal?.aborted) throw error;
      return undefined;
    });
    if (trace === undefined) {
      cutOffs.push({ traceId: id, reason: 'unreadable' });
      continue;
    }
    const room = maxEvents - events.length;
    if (trace.length > room) cutOffs.push({ traceId: id, reason: 'max_events' });
    if (trace.length > 0) traceIds.push(id);
    for (const event of trace.slice(0, room)) events.push(event);
    for (const linked of await neighbours(store, id, trace, maxTraces)) reached.add(linked);
  }
  return { events, traceIds, cutOffs };
}

async function neighbours(
  store: TraceStore,
  traceId: string,
  events: readonly TraceEvent[],
  limit: number,
): Promise<string[]> {
  const forward = events.flatMap(linksOf).map(({ trace_id }) => trace_id);
  const { listTraces, linkedTo } = store.capabilities;
  if (listTraces === false || linkedTo === false) return forward;
  const { traces } = await store.listTraces({ linkedTo: traceId, limit }).catch(() => ({ traces: [] }));
  return [...forward, ...traces.map((summary) => summary.traceId)];
}
