import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/**
 * The peers at their fastest setting: see their subjects.
 *
 * @type {import('../harness/report.mjs').Benchmark}
 */
export default {
  title: 'Postgres queues: 20,000 jobs that do nothing, run and settled',
  unit: 'job',
  measure: 'wall',
  baseline: 'graphile-worker',
  variants: {
    'graphile-worker': subject('graphile-worker-drain'),
    'pg-boss': subject('pg-boss-drain'),
  },
  targets: [],
  notes: ['graphile-worker 0.18 and pg-boss 12.35 ask for Node 22: `pnpm bench:node22` runs all on it.'],
  servers: (options) => durablePostgres(options),
};
