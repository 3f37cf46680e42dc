import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { type EngineQueries, engineQueries } from '../src/database/engine-queries.ts';
import { migrate } from '../src/database/migrate.ts';
import { type Query, query } from '../src/database/query.ts';
import { onPostgres } from './on-postgres.ts';
import { type ExplainedConnection, explainedConnection, type PlanNode } from './statement-plans.ts';

const executions = 100_000;
const batch = 500;
const byLine = { node: 'Index Scan', index: 'execution_line', on: ['queue'] };
const byPlace = { node: 'Tid Scan' };
const byId = { node: 'Index Scan', index: 'execution_pkey', on: ['id'] };

onPostgres('plans of the hot path', (use) => {
  describe.each(['never analysed', 'analysed while empty', 'analysed while full'])(
    'on a table %s',
    (state) => {
      let explained: ExplainedConnection;
      let queries: EngineQueries;
      let schema: string;
      const send = <Row>(statement: Query, ...parameters: string[]): Promise<Row> =>
        query<Row>(explained.sql, statement, parameters);

      beforeAll(async () => {
        explained = await explainedConnection(use.url);
        const database = openDatabase('test', { sql: use.sql, schema: use.freshSchema() });
        ({ schema } = database);
        queries = engineQueries(schema);
        await migrate(database);
        await use.sql.unsafe(`alter table ${schema}.execution set (autovacuum_enabled = off)`);
        // What was there once has left pages, without which the planner would not believe that a table is empty.
        await invokeMany(5_000);
        await use.sql.unsafe(`delete from ${schema}.execution`);
        if (state === 'analysed while empty') await use.sql.unsafe(`analyze ${schema}.execution`);
        await invokeMany(executions);
        if (state === 'analysed while full') await use.sql.unsafe(`analyze ${schema}.execution`);
      });
      afterAll(() => explained.sql.end());

      async function invokeMany(count: number): Promise<void> {
        const items = Array.from({ length: count }, (_, index) => ({ payload: index }));
        await query(use.sql, queries.invoke, [JSON.stringify({ task: 'job', queue: 'default', items })]);
      }

      async function claim(): Promise<{ lease: string; ids: number[] }> {
        const request = { worker: 'w', queue: 'default', tasks: ['job'], limit: batch, leaseMs: 60_000 };
        const { lease, ids } = await send<{ lease: string; ids: string }>(
          queries.claim,
          JSON.stringify(request),
        );
        return { lease, ids: JSON.parse(ids) };
      }

      it('claims along the line', async () => {
        expect(await scansOf(claim)).toEqual([byLine, byPlace]);
      });

      it('touches no index when it claims', async () => {
        const written = await use.sql.begin(async (sql) => {
          const request = { worker: 'w', queue: 'default', tasks: ['job'], limit: 5_000, leaseMs: 60_000 };
          await query(sql, queries.claim, [JSON.stringify(request)]);
          const table = sql`${`${schema}.execution`}::regclass`;
          const [counts] = await sql`select pg_stat_get_xact_tuples_updated(${table})::integer as updated,
            pg_stat_get_xact_tuples_hot_updated(${table})::integer as off_the_indexes`;
          return counts;
        });
        expect(written).toEqual({ updated: 5_000, off_the_indexes: 5_000 });
      });

      it('settles what is completed by its id', async () => {
        const { lease, ids } = await claim();
        const leases = ids.map(() => lease);
        const results = JSON.stringify(ids);
        const complete = () => send(queries.complete, `{${ids}}`, `{${leases}}`, '{}', '{}', results);
        expect(await scansOf(complete)).toEqual([byId]);
      });

      it('settles every other outcome by its id', async () => {
        const { lease, ids } = await claim();
        const kinds = ['failed', 'dead', 'released', 'sleeping', 'completed'];
        const outcomes = ids.map((id, index) => ({
          id,
          lease,
          outcome: kinds[index % kinds.length],
          maxAttempts: 3,
        }));
        const scans = await scansOf(() => send(queries.settle, JSON.stringify({ outcomes })));
        expect(scans.length).toBeGreaterThan(0);
        for (const scan of scans) expect([byId, byPlace]).toContainEqual(scan);
      });

      async function scansOf(work: () => Promise<unknown>): Promise<object[]> {
        const nodes = await explained.nodesOn('execution', work);
        return nodes.filter((node) => node['Node Type'].endsWith('Scan')).map(scan);
      }
    },
  );
});

/** How a table is read: by which index, and by which of its columns. */
function scan(node: PlanNode): object {
  const { 'Node Type': type, 'Index Name': index, 'Index Cond': condition = '' } = node;
  if (index === undefined) return { node: type };
  return {
    node: type,
    index,
    on: [...condition.matchAll(/\((?:\w+\.)?(\w+) = /g)].map(([, column]) => column),
  };
}
