import { subject } from '../harness/subject.mjs';

const sizes = [10_000, 100_000, 1_000_000];
/** Out of every cache, an event may cost more; a cost that grows with the size would be many times this. */
const GROWTH = 2.5;

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title: 'Graph: what one event costs in graphs of growing size',
  unit: 'graph',
  rounds: 7,
  baseline: 'throughline 10000',
  variants: Object.fromEntries(
    sizes.map((events) => [`throughline ${events}`, subject('graph-throughline', `events=${events}`)]),
  ),
  targets: [
    { variant: 'throughline 100000', atMost: 10 * GROWTH },
    { variant: 'throughline 1000000', atMost: 100 * GROWTH },
  ],
};
