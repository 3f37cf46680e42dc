import { subject } from '../harness/subject.mjs';

const sizes = [20, 1_000, 100_000];
const limitMicros = new Map([
  [20, 4],
  [1_000, 120],
  [100_000, 80_000],
]);

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title:
    'Graph: build of a whole trace graph from fresh events, against straightforward code that trusts its input',
  unit: 'graph',
  baseline: 'straightforward 20',
  variants: Object.fromEntries(
    sizes.flatMap((size) => [
      [`straightforward ${size}`, subject('graph-straightforward', `events=${size}`)],
      [`throughline ${size}`, subject('graph-throughline', `events=${size}`)],
    ]),
  ),
  targets: sizes.flatMap((size) => [
    { variant: `throughline ${size}`, microsAtMost: limitMicros.get(size) },
    { variant: `throughline ${size}`, against: `straightforward ${size}`, fasterBy: 1 },
  ]),
};
