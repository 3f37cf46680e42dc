import type { WorkEntity } from '../telemetry/span.ts';
import { entityOf, phaseOf, unfinishedAfter } from './event-facts.ts';
import { parseTimestamp } from './timestamp.ts';
import type { StoredEntity, TraceEvent } from './trace-event.ts';
import type { TraceSummary } from './trace-store.ts';

/**
 * Sums up the events of one trace as a row of a list. Every store gives these answers, whatever it keeps them in.
 *
 * `failed`: an event of phase `failed` exists. `open`: a span began and did not end, or an entity was last heard of as
 * `retrying` or `suspended`. Everything else is `success`. Times are those of the earliest and the latest event with a
 * readable timestamp, 0 when there is none.
 *
 * @param events of one trace, in any order; total on what files and other writers give
 * @example
 * ```ts
 * import { summarizeTrace, type TraceStore } from '@throughline/core/events';
 *
 * declare const store: TraceStore;
 * const { status, entities } = summarizeTrace('T1', await store.getTrace('T1'));
 * ```
 */
export function summarizeTrace(traceId: string, events: readonly TraceEvent[]): TraceSummary {
  const dated = events
    .map((event) => ({ event, at: parseTimestamp(event.timestamp) }))
    .sort((a, b) => (a.at || 0) - (b.at || 0) || (a.event.seq ?? 0) - (b.event.seq ?? 0));
  const instants = dated.map(({ at }) => at).filter((at) => !Number.isNaN(at));
  return {
    traceId,
    startedAt: instants[0] ?? 0,
    lastAt: instants.at(-1) ?? 0,
    events: events.length,
    entities: entitiesOf(events),
    status: statusOf(dated.map(({ event }) => event)),
  };
}

function statusOf(ordered: readonly TraceEvent[]): TraceSummary['status'] {
  const isOpen = new Map<string, boolean>();
  const workOf = new Map<string, string>();
  for (const event of ordered) {
    if (phaseOf(event) === 'failed') return 'failed';
    const { span_id } = event;
    const entity = entityOf(event);
    if (entity !== undefined) workOf.set(span_id, keyOf(entity));
    const work = workOf.get(span_id);
    const unfinished = unfinishedAfter(event);
    if (unfinished.span !== undefined) isOpen.set(span_id, unfinished.span);
    if (work !== undefined && unfinished.entity !== undefined) isOpen.set(work, unfinished.entity);
  }
  return [...isOpen.values()].includes(true) ? 'open' : 'success';
}

function entitiesOf(events: readonly TraceEvent[]): WorkEntity[] {
  const entities = new Map<string, StoredEntity>();
  for (const event of events) {
    const entity = entityOf(event);
    if (entity !== undefined) entities.set(keyOf(entity), { ...entities.get(keyOf(entity)), ...entity });
  }
  return [...entities.values()];
}

function keyOf({ system, queue, id }: StoredEntity): string {
  return JSON.stringify([system, queue, id]);
}
