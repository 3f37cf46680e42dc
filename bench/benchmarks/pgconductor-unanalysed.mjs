import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/**
 * What a planner without statistics, or with those of an empty table, makes of the statements: autovacuum never comes.
 *
 * @type {import('../harness/report.mjs').Benchmark}
 */
export default {
  title: 'Postgres queues: 100,000 jobs on tables that were never analysed, run and settled',
  unit: 'job',
  measure: 'wall',
  baseline: 'graphile-worker',
  variants: {
    'graphile-worker': subject('graphile-worker-drain', 'statistics=none&count=100000'),
    'pg-boss': subject('pg-boss-drain', 'statistics=none&count=100000'),
    pgconductor: subject('pgconductor-drain', 'telemetry=noop&statistics=none&count=100000'),
    'pgconductor, analysed empty': subject(
      'pgconductor-drain',
      'telemetry=noop&statistics=empty&count=100000',
    ),
  },
  targets: [
    { variant: 'pgconductor', fasterBy: 1.7 },
    { variant: 'pgconductor', against: 'pg-boss', fasterBy: 1.7 },
    { variant: 'pgconductor, analysed empty', against: 'pgconductor', atMost: 1.1 },
  ],
  notes: ['graphile-worker 0.18 and pg-boss 12.35 ask for Node 22: `pnpm bench:node22` runs all on it.'],
  servers: (options) => durablePostgres(options, { autovacuum: 'off' }),
};
