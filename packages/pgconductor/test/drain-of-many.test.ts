import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { Conductor, Orchestrator } from '../src/index.ts';
import { onPostgres, type TestPostgres } from './on-postgres.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const warmUp = 10_000;
const executions = 100_000;
const atOnce = 10_000;

onPostgres('a drain of 100,000 executions', (use) => {
  it('keeps updates on their page, scans no table and leaves nothing behind in memory', async () => {
    const schema = use.freshSchema();
    await drain(use, schema, warmUp);
    await use.sql`alter table ${use.sql(schema)}.execution set (autovacuum_enabled = off)`;
    const before = await settledStatistics(use, schema, warmUp);
    const heapBefore = heapUsed();
    await drain(use, schema, executions);
    const heapGrowth = heapUsed() - heapBefore;
    const after = await settledStatistics(use, schema, warmUp + executions);

    expect(heapGrowth / executions).toBeLessThan(32);
    expect(after.scans - before.scans).toBe(0);
    expect((after.updatesOnPage - before.updatesOnPage) / executions).toBeGreaterThan(0.9);
  }, 120_000);
});

async function drain({ url }: TestPostgres, schema: string, count: number): Promise<void> {
  const conductor = Conductor.create({ connectionString: url, schema });
  const task = conductor.createTask({ name: 'job' }, { invocable: true }, async () => {});
  for (let invoked = 0; invoked < count; invoked += atOnce)
    await conductor.invoke(
      { name: 'job' },
      Array.from({ length: atOnce }, (_, payload) => ({ payload })),
    );
  await Orchestrator.create({ conductor, tasks: [task] }).drain();
  await conductor.close();
}

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

interface TableStatistics {
  readonly scans: number;
  readonly updates: number;
  /** Updates that touched no index: HOT. */
  readonly updatesOnPage: number;
  readonly deletes: number;
}

async function statistics({ sql }: TestPostgres, schema: string): Promise<TableStatistics> {
  const [row] = await sql<TableStatistics[]>`
    select seq_scan::int as scans, n_tup_upd::int as updates, n_tup_hot_upd::int as "updatesOnPage", n_tup_del::int as deletes
    from pg_stat_user_tables where schemaname = ${schema} and relname = 'execution'`;
  if (row === undefined) throw new Error(`No statistics of ${schema}`);
  return row;
}

/** Connections tell what they did when they are closed. */
function settledStatistics(use: TestPostgres, schema: string, deletes: number): Promise<TableStatistics> {
  const complete = async (): Promise<TableStatistics | undefined> => {
    const now = await statistics(use, schema);
    return now.deletes === deletes && now.updates === deletes ? now : undefined;
  };
  return waitFor(complete, { timeoutMs: 30_000, what: 'the statistics of the table' });
}
