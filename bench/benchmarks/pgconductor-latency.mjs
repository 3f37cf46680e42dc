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
  },
  targets: [],
  servers: (options) => durablePostgres(options),
};
