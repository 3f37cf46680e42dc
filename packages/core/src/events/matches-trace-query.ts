import { entityOf, linksOf, textsOf } from './event-facts.ts';
import type { TraceEvent } from './trace-event.ts';
import type { TraceListQuery, TraceSummary } from './trace-store.ts';

/**
 * Tells whether a trace is one that a query asks for. All given conditions must hold; each may be met by another event.
 * `limit` and `cursor` are not conditions.
 *
 * @param summary of the same events, from `summarizeTrace`
 * @param events of one trace, in any order; total on what files and other writers give
 */
export function matchesTraceQuery(
  summary: TraceSummary,
  events: readonly TraceEvent[],
  query: TraceListQuery,
): boolean {
  const { status, since, until, queue, entityId, tag, eventType, attributes, text, linkedTo } = query;
  const some = <T>(wanted: T | undefined, has: (event: TraceEvent, wanted: T) => unknown): boolean =>
    wanted === undefined || events.some((event) => has(event, wanted));
  return (
    (status === undefined || summary.status === status) &&
    (since === undefined || summary.lastAt >= since) &&
    (until === undefined || summary.startedAt < until) &&
    some(queue, (event, wanted) => entityOf(event)?.queue === wanted) &&
    some(entityId, (event, wanted) => entityOf(event)?.id === wanted) &&
    some(tag, ({ tags }, wanted) => tags?.includes(wanted)) &&
    some(eventType, ({ event_type }, wanted) => event_type === wanted) &&
    some(linkedTo, (event, wanted) => linksOf(event).some(({ trace_id }) => trace_id === wanted)) &&
    some(text?.toLowerCase(), (event, wanted) =>
      textsOf(event).some((found) => found.toLowerCase().includes(wanted)),
    ) &&
    Object.entries(attributes ?? {}).every(([key, value]) =>
      some(value, ({ data }, wanted) => data?.attributes?.[key] === wanted),
    )
  );
}
