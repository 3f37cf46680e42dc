import { type NodeChild, spawnNode, waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { migrate } from '../src/database/migrate.ts';
import { allMigrations } from '../src/database/migrations/all-migrations.ts';
import { engine } from './engine.ts';
import { onPostgres, type TestPostgres } from './on-postgres.ts';

const breaking = {
  name: '9000-breaking',
  isBreaking: true,
  sql: () => 'create table of_the_new_version (id int)',
};
const migrations = [...allMigrations, breaking];

/** A worker in a process of its own, which is one of the version before. */
async function oldWorker(use: TestPostgres, schema: string, handlerMs = 0): Promise<NodeChild> {
  const script = new URL('fixtures/old-worker.mjs', import.meta.url);
  const child = spawnNode(script, [use.url, schema, String(handlerMs)]);
  await child.waitForLine(/^ready/);
  return child;
}

onPostgres('a breaking migration', (use) => {
  it('waits until the workers of the version before have left, who finish what they run', async () => {
    const { conductor, schema, states } = engine(use);
    await conductor.migrate();
    const workers = [await oldWorker(use, schema, 800), await oldWorker(use, schema, 800)];
    await conductor.invoke({ name: 'slow' }, [{}, {}]);
    const begun = () => workers.flatMap(({ lines }) => lines.filter((line) => line === 'begins')).length;
    await waitFor(() => begun() > 0);
    const seen: number[] = [];
    const database = openDatabase('test', { sql: use.sql, schema });
    const applied = await migrate(database, { migrations, onWaiting: (left) => seen.push(left.length) });
    expect(applied).toEqual(['9000-breaking']);
    expect(seen[0]).toBe(2);
    const ends = Object.values(await states()).sort();
    expect(ends).toEqual(['completed', begun() === 2 ? 'completed' : 'ready']);
    for (const worker of workers) {
      await worker.waitForLine(/^stops/);
      await worker.kill('SIGTERM');
    }
  });

  it('is not applied when one does not leave in time', async () => {
    const { conductor, schema } = engine(use);
    await conductor.migrate();
    const worker = await oldWorker(use, schema, 60_000);
    await conductor.invoke({ name: 'slow' }, {});
    await worker.waitForLine(/^begins/);
    const database = openDatabase('test', { sql: use.sql, schema });
    await expect(migrate(database, { migrations, waitMs: 300 })).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_WORKERS_REMAIN',
      migration: '9000-breaking',
      workers: [{ pid: worker.pid }],
    });
    await worker.kill();
    await use.sql`update ${use.sql(schema)}.worker set until = now()`; // as time does
    expect(await migrate(database, { migrations })).toEqual(['9000-breaking']);
  });

  it('lets no worker of the version before come, meanwhile or afterwards; invocations go on', async () => {
    const { conductor, schema, orchestrator } = engine(use);
    await conductor.migrate();
    const task = conductor.createTask({ name: 'slow' }, { invocable: true }, async () => {});
    const database = openDatabase('test', { sql: use.sql, schema });
    await migrate(database, { migrations });
    const outdated = { code: 'THROUGHLINE_PGCONDUCTOR_WORKER_OUTDATED' };
    await expect(orchestrator({ tasks: [task] }).start()).rejects.toMatchObject(outdated);
    expect(await conductor.invoke({ name: 'slow' })).toEqual(expect.any(String));
  });

  it('is applied by one of those who come at once', async () => {
    const { conductor, schema } = engine(use);
    await conductor.migrate();
    await oldWorker(use, schema);
    const database = openDatabase('test', { sql: use.sql, schema });
    const all = await Promise.all([1, 2, 3].map(() => migrate(database, { migrations })));
    expect(all.filter((applied) => applied.length > 0)).toEqual([['9000-breaking']]);
    const rows =
      await use.sql`select is_breaking, applied_at from ${use.sql(schema)}.migration where is_breaking`;
    expect(rows).toEqual([{ is_breaking: true, applied_at: expect.any(Date) }]);
  });
});
