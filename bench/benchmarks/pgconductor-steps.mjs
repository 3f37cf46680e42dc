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
    'two plain inserts, 10 at once': subject('plain-inserts', 'concurrency=10&count=5000'),
    'two plain inserts, 50 at once': subject('plain-inserts', 'concurrency=50&count=10000'),
    'pgconductor, 10 at once': subject('pgconductor-steps', 'concurrency=10&count=5000'),
    'pgconductor, 50 at once': subject('pgconductor-steps', 'concurrency=50&count=10000'),
  },
  targets: [
    { variant: 'pgconductor, 10 at once', fasterBy: 0.15 },
    { variant: 'pgconductor, 50 at once', fasterBy: 0.3 },
    { variant: 'pgconductor, 10 at once', against: 'two plain inserts, 10 at once', fasterBy: 0.9 },
    { variant: 'pgconductor, 50 at once', against: 'two plain inserts, 50 at once', fasterBy: 1.3 },
  ],
  notes: [
    'Each step is durable before it returns, so an execution takes two commits, one after the other. Plain inserts show what that costs on this disk.',
  ],
  servers: (options) => durablePostgres(options),
};
