import { eventCountOf, traceEvents } from './trace-events.mjs';

/** About how many events one run goes through. */
const EVENTS_PER_RUN = 200_000;

/**
 * A subject that builds graphs of fresh events, each list once, and looks at every graph.
 *
 * @param {string} subject address of the subject, with `?events=N`
 * @param {(events: import('@throughline/core/events').TraceEvent[]) => number} build returns how many spans there are
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function graphBuilds(subject, build) {
  const eventCount = eventCountOf(subject);
  const graphs = Math.max(2, Math.round(EVENTS_PER_RUN / eventCount));
  const fresh = () =>
    Array.from({ length: graphs }, (_, index) => traceEvents(eventCount, index * 1_000_003));
  /** @param {import('@throughline/core/events').TraceEvent[][]} lists */
  const buildAll = (lists) => {
    let spans = 0;
    for (const events of lists) spans += build(events);
    if (spans < lists.length) throw new Error('A graph has no spans');
    return lists.length;
  };
  const measured = fresh();
  return { warmUp: () => buildAll(fresh()), run: () => buildAll(measured) };
}
