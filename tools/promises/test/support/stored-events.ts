import type { TraceEvent, TraceStore } from '@throughline/core/events';

/** Everything in a store, trace by trace. */
export async function storedEvents(store: TraceStore): Promise<TraceEvent[]> {
  const found: TraceEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listTraces({ limit: 1000, cursor });
    for (const { traceId } of page.traces) found.push(...(await store.getTrace(traceId)));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}
