import { performance } from 'node:perf_hooks';
import { createTraceGraph } from '@throughline/core/trace-graph';
import { freshTraces } from './graph-builds.mjs';
import { eventCountOf, failedTraceEvents } from './trace-events.mjs';

// The first question to a fresh graph of which one job failed: outcome, cause, and the span that is the cause.
const traces = freshTraces(eventCountOf(import.meta.url), failedTraceEvents);
/** What the answers of the last pass took, as a share of what the builds took. */
let share = Number.NaN;

function explainAll() {
  let building = 0;
  let explaining = 0;
  for (let index = 0; index < traces.count; index += 1) {
    const events = traces.fresh(index);
    const begin = performance.now();
    const graph = createTraceGraph(events);
    if (graph.roots().length < 1) throw new Error('A graph is empty');
    const built = performance.now();
    const { outcome, causes } = graph.explainFailure();
    if (outcome !== 'failed' || causes[0]?.span.state !== 'failed') throw new Error('No cause was found');
    explaining += performance.now() - built;
    building += built - begin;
  }
  share = explaining / building;
  return { units: traces.count, micros: explaining * 1000 };
}

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  warmUp: explainAll,
  run: explainAll,
  facts: () => ({ 'share of the build': share }),
};
