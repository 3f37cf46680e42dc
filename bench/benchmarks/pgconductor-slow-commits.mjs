import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/**
 * Every commit takes two milliseconds longer, as on a disk that is asked for durability.
 *
 * @type {import('../harness/report.mjs').Benchmark}
 */
export default {
  title: 'Postgres queues, commits of 2 ms: 20,000 jobs that do nothing, run and settled',
  unit: 'job',
  measure: 'wall',
  baseline: 'graphile-worker',
  variants: {
    'graphile-worker': subject('graphile-worker-drain'),
    'pg-boss': subject('pg-boss-drain'),
    pgconductor: subject('pgconductor-drain', 'telemetry=noop'),
  },
  targets: [
    { variant: 'pgconductor', fasterBy: 1.3 },
    { variant: 'pgconductor', against: 'pg-boss', fasterBy: 1.3 },
  ],
  notes: ['graphile-worker 0.18 and pg-boss 12.35 ask for Node 22: `pnpm bench:node22` runs all on it.'],
  servers: (options) => durablePostgres(options, { commit_delay: '2000', commit_siblings: '0' }),
};
