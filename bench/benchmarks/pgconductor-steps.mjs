import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title:
    'Durable steps: executions with two memoised steps each, beside jobs of graphile-worker that do nothing',
  unit: 'job',
  measure: 'wall',
  baseline: 'graphile-worker',
  variants: {
    'graphile-worker': subject('graphile-worker-drain'),
    'pgconductor, 10 at once': subject('pgconductor-steps', 'concurrency=10&count=5000'),
    'pgconductor, 50 at once': subject('pgconductor-steps', 'concurrency=50&count=10000'),
  },
  targets: [
    { variant: 'pgconductor, 10 at once', fasterBy: 0.15 },
    { variant: 'pgconductor, 50 at once', fasterBy: 0.3 },
  ],
  servers: (options) => durablePostgres(options),
};
