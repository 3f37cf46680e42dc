import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title: 'Postgres queues: from the call that adds a job to the start of its handler, about 50 a second',
  unit: 'job',
  baseline: 'graphile-worker',
  variants: {
    'graphile-worker': subject('graphile-worker-latency'),
    'pg-boss': subject('pg-boss-latency'),
    pgconductor: subject('pgconductor-latency'),
    'pgconductor, invoked in SQL': subject('pgconductor-latency', 'sql'),
  },
  targets: [
    { variant: 'pgconductor', fact: 'p50 ms', atMost: 5 },
    { variant: 'pgconductor', fact: 'p99 ms', atMost: 20 },
  ],
  notes: ['Invoked in SQL: as other languages do it, the notification inside of the transaction.'],
  servers: (options) => durablePostgres(options),
};
