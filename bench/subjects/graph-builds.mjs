import { performance } from 'node:perf_hooks';
import { medianInterval } from '../harness/median-interval.mjs';
import { eventCountOf, traceEvents } from './trace-events.mjs';

/** About how many events one run goes through. */
const EVENTS_PER_RUN = 300_000;
const DIFFERENT_TRACES = 50;
/** Texts longer than an engine allows are parsed in parts. */
const EVENTS_PER_TEXT = 100_000;

/**
 * A subject that builds graphs as a reader does: the events have just been parsed, and each list is built once. Parsing
 * is not in the figure. The figure is the median build of a run: a build of some microseconds is over long before the
 * machine turns to something else, and a mean would be about the few that were not.
 *
 * @param {string} subject address of the subject, with `?events=N`
 * @param {(events: import('@throughline/core/events').TraceEvent[]) => number} build returns how many roots or spans
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function graphBuilds(subject, build) {
  const eventCount = eventCountOf(subject);
  const traces = freshTraces(eventCount, traceEvents);
  let micros = Number.NaN;
  const buildAll = () => {
    const builds = Array.from({ length: traces.count }, (_, index) => {
      const events = traces.fresh(index);
      const before = performance.now();
      const found = build(events);
      const took = performance.now() - before;
      if (found < 1) throw new Error('A graph is empty');
      return took * 1000;
    });
    micros = medianInterval(builds).median;
    return { units: 1, micros };
  };
  return { warmUp: buildAll, run: buildAll, facts: () => ({ 'ns per event': (micros * 1000) / eventCount }) };
}

/**
 * Lists of events that nobody has read yet.
 *
 * @param {number} eventCount
 * @param {(count: number, seed: number) => import('@throughline/core/events').TraceEvent[]} makeEvents
 */
export function freshTraces(eventCount, makeEvents) {
  const count = Math.max(eventCount > EVENTS_PER_TEXT ? 2 : 5, Math.round(EVENTS_PER_RUN / eventCount));
  const texts = Array.from({ length: Math.min(count, DIFFERENT_TRACES) }, (_, index) =>
    textsOf(makeEvents(eventCount, index * 1_000_003)),
  );
  /** @param {number} index @returns {import('@throughline/core/events').TraceEvent[]} */
  const fresh = (index) => (texts[index % texts.length] ?? []).flatMap((text) => JSON.parse(text));
  return { count, fresh };
}

/** @param {readonly object[]} events */
function textsOf(events) {
  const parts = Math.ceil(events.length / EVENTS_PER_TEXT);
  return Array.from({ length: parts }, (_, part) =>
    JSON.stringify(events.slice(part * EVENTS_PER_TEXT, (part + 1) * EVENTS_PER_TEXT)),
  );
}
