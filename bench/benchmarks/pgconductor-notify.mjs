import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title: 'pgconductor: 4,000 single invocations, eight at once, and the notification of workers that wait',
  unit: 'job',
  measure: 'wall',
  baseline: 'silent',
  variants: {
    silent: subject('pgconductor-single', 'notify=silent'),
    'nobody waits': subject('pgconductor-single', 'notify=nobody'),
    'a worker waits': subject('pgconductor-single', 'notify=idle'),
  },
  targets: [
    { variant: 'nobody waits', atMost: 1.1 },
    { variant: 'a worker waits', atMost: 1.1 },
  ],
  servers: (options) => durablePostgres(options),
};
