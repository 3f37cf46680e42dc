import { performance } from 'node:perf_hooks';
import { eventCountOf, traceEvents } from './trace-events.mjs';

/** About how many events one run goes through. */
const EVENTS_PER_RUN = 300_000;
const DIFFERENT_TRACES = 50;

/**
 * A subject that builds graphs as a reader does: the events have just been parsed, and each list is built once. Parsing
 * is not in the figure.
 *
 * @param {string} subject address of the subject, with `?events=N`
 * @param {(events: import('@throughline/core/events').TraceEvent[]) => number} build returns how many roots or spans
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function graphBuilds(subject, build) {
  const eventCount = eventCountOf(subject);
  const graphs = Math.max(5, Math.round(EVENTS_PER_RUN / eventCount));
  const texts = Array.from({ length: Math.min(graphs, DIFFERENT_TRACES) }, (_, index) =>
    JSON.stringify(traceEvents(eventCount, index * 1_000_003)),
  );
  const buildAll = () => {
    let micros = 0;
    for (let index = 0; index < graphs; index += 1) {
      const events = JSON.parse(texts[index % texts.length] ?? '[]');
      const before = performance.now();
      const found = build(events);
      micros += (performance.now() - before) * 1000;
      if (found < 1) throw new Error('A graph is empty');
    }
    return { units: graphs, micros };
  };
  return { warmUp: buildAll, run: buildAll };
}
