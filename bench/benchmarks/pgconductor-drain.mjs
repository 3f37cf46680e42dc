import { subject } from '../harness/subject.mjs';
import { durablePostgres } from '../subjects/postgres-server.mjs';

/**
 * The peers at their fastest setting: see their subjects. History is kept where the peer keeps it.
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
    pgconductor: subject('pgconductor-drain'),
    'pgconductor, no-op telemetry': subject('pgconductor-drain', 'telemetry=noop'),
    'pgconductor, otel 10 %': subject('pgconductor-drain', 'telemetry=otel&sampled=0.1'),
    'pgconductor, otel 0 %': subject('pgconductor-drain', 'telemetry=otel&sampled=0'),
    'ambient context alone': subject('pgconductor-sdk-alone', 'ambient'),
    'the SDK alone, 10 %': subject('pgconductor-sdk-alone', 'sampled=0.1'),
    'the SDK alone, 0 %': subject('pgconductor-sdk-alone', 'sampled=0'),
  },
  targets: [
    { variant: 'pgconductor, no-op telemetry', fasterBy: 1.7 },
    { variant: 'pgconductor, no-op telemetry', against: 'pg-boss', fasterBy: 1.7 },
    { variant: 'pgconductor, otel 10 %', fasterBy: 1.2 },
    { variant: 'pgconductor, otel 10 %', against: 'pg-boss', fasterBy: 1.2 },
    { variant: 'pgconductor, otel 0 %', against: 'pgconductor', microsMoreAtMost: 6, measure: 'cpu' },
    { variant: 'pgconductor, otel 0 %', against: 'the SDK alone, 0 %', microsMoreAtMost: 3, measure: 'cpu' },
  ],
  notes: ['graphile-worker 0.18 and pg-boss 12.35 ask for Node 22: `pnpm bench:node22` runs all on it.'],
  servers: (options) => durablePostgres(options),
};
