import { performance } from 'node:perf_hooks';
import { createTraceGraph } from '@throughline/core/trace-graph';
import { medianInterval } from '../harness/median-interval.mjs';
import { freshTraces } from './graph-builds.mjs';
import { eventCountOf, failedTraceEvents } from './trace-events.mjs';

// The first question to a fresh graph of which one job failed: outcome, cause, and the span that is the cause.
const traces = freshTraces(eventCountOf(import.meta.url), failedTraceEvents);
/** The median answer as a share of the median build. */
let share = Number.NaN;

function explainAll() {
  /** @type {number[]} */
  const builds = [];
  /** @type {number[]} */
  const answers = [];
  for (let index = 0; index < traces.count; index += 1) {
    const events = traces.fresh(index);
    const begin = performance.now();
    const graph = createTraceGraph(events);
    if (graph.roots().length < 1) throw new Error('A graph is empty');
    const built = performance.now();
    const { outcome, causes } = graph.explainFailure();
    if (outcome !== 'failed' || causes[0]?.span.state !== 'failed') throw new Error('No cause was found');
    answers.push(performance.now() - built);
    builds.push(built - begin);
  }
  const answer = medianInterval(answers).median;
  share = answer / medianInterval(builds).median;
  return { units: 1, micros: answer * 1000 };
}

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  warmUp: explainAll,
  run: explainAll,
  facts: () => ({ 'share of the build': share }),
};
