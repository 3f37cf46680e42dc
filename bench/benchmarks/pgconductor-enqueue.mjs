import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title: 'Postgres queues: 20,000 jobs stored, a thousand at once',
  unit: 'job',
  measure: 'wall',
  baseline: 'graphile-worker',
  variants: {
    'graphile-worker': subject('graphile-worker-enqueue'),
    'pg-boss': subject('pg-boss-enqueue'),
    pgconductor: subject('pgconductor-enqueue'),
  },
  targets: [
    { variant: 'pgconductor', fasterBy: 1.7 },
    { variant: 'pgconductor', against: 'pg-boss', fasterBy: 1.7 },
  ],
  servers: (options) => durablePostgres(options),
};
