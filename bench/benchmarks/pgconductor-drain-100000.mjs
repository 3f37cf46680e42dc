import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title: 'Postgres queues: 100,000 jobs that do nothing, run and settled',
  unit: 'job',
  measure: 'wall',
  baseline: 'graphile-worker',
  variants: {
    'graphile-worker': subject('graphile-worker-drain', 'count=100000'),
    'pg-boss': subject('pg-boss-drain', 'count=100000'),
    pgconductor: subject('pgconductor-drain', 'telemetry=noop&count=100000'),
    'pgconductor, 20,000': subject('pgconductor-drain', 'telemetry=noop'),
  },
  targets: [
    { variant: 'pgconductor', fasterBy: 1.7 },
    { variant: 'pgconductor', against: 'pg-boss', fasterBy: 1.7 },
    { variant: 'pgconductor', against: 'pgconductor, 20,000', atMost: 1.1, measure: 'cpu' },
    { variant: 'pgconductor', fact: 'heap bytes', atMost: 8 },
  ],
  notes: ['graphile-worker 0.18 and pg-boss 12.35 ask for Node 22: `pnpm bench:node22` runs all on it.'],
  servers: (options) => durablePostgres(options),
};
