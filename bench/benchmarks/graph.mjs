import { subject } from '../harness/subject.mjs';

const sizes = [
  { events: 20, limitMicros: 4, fasterBy: 3.3 },
  { events: 1_000, limitMicros: 120, fasterBy: 3.4 },
  { events: 100_000, limitMicros: 80_000, fasterBy: 3.7 },
];
/** An answer about one failure is to cost at most this share of the build. */
const EXPLAIN_SHARE = 0.05;

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title:
    'Graph: build of a whole trace graph from fresh events, against straightforward code that trusts its input',
  unit: 'graph',
  baseline: 'straightforward 20',
  variants: Object.fromEntries(
    sizes.flatMap(({ events }) => [
      [`straightforward ${events}`, subject('graph-straightforward', `events=${events}`)],
      [`throughline ${events}`, subject('graph-throughline', `events=${events}`)],
      [`explain ${events}`, subject('graph-explain', `events=${events}`)],
    ]),
  ),
  targets: sizes.flatMap(({ events, limitMicros, fasterBy }) => [
    { variant: `throughline ${events}`, microsAtMost: limitMicros },
    { variant: `throughline ${events}`, against: `straightforward ${events}`, fasterBy },
    { variant: `explain ${events}`, fact: 'share of the build', atMost: EXPLAIN_SHARE },
  ]),
};
