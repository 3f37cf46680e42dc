import { subject } from '../harness/subject.mjs';

const sizes = [
  { events: 20, limitMicros: 4 },
  { events: 1_000, limitMicros: 120 },
  { events: 100_000, limitMicros: 80_000 },
];

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
    ]),
  ),
  targets: sizes.flatMap(({ events, limitMicros }) => [
    { variant: `throughline ${events}`, microsAtMost: limitMicros },
    { variant: `throughline ${events}`, against: `straightforward ${events}`, fasterBy: 1 },
  ]),
};
