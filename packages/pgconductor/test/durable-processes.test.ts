import { type NodeChild, spawnNode, waitFor } from '@throughline/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { type Engine, engine } from './engine.ts';
import { onPostgres, type TestPostgres } from './on-postgres.ts';

/** Workers in processes of their own, and what they noted of their steps. */
async function world(use: TestPostgres): Promise<
  Engine & {
    worker(): Promise<NodeChild>;
    effects(): Promise<
      readonly { readonly execution: string; readonly name: string; readonly count: number }[]
    >;
  }
> {
  const own = engine(use);
  const { sql } = use;
  await own.conductor.migrate();
  await sql`create table ${sql(own.schema)}.effect (execution bigint, name text, pid int)`;
  return {
    ...own,
    async worker() {
      const child = spawnNode(new URL('fixtures/durable-worker.mjs', import.meta.url), [use.url, own.schema]);
      onTestFinished(async () => {
        await child.kill();
      });
      await child.waitForLine(/^ready/);
      return child;
    },
    effects: async () => [
      ...(await sql<{ execution: string; name: string; count: number }[]>`
        select execution, name, count(*)::int as count from ${sql(own.schema)}.effect group by execution, name
        order by execution, name`),
    ],
  };
}

onPostgres('an execution whose process is killed', (use) => {
  it('goes on with the step that was not stored, and repeats none that was', async () => {
    const { conductor, worker, effects, reached } = await world(use);
    const id = await conductor.invoke({ name: 'steps' }, { steps: 4, ms: 150 });
    const first = await worker();
    await waitFor(async () => (await effects()).length === 3, { what: 'the third step to begin' });
    await first.kill();
    await worker();
    await reached(id, 'completed');
    expect(await effects()).toMatchObject([
      { name: 'step 0', count: 1 },
      { name: 'step 1', count: 1 },
      { name: 'step 2', count: 2 },
      { name: 'step 3', count: 1 },
    ]);
  });

  it('has each child once, whoever is killed and whenever', async () => {
    const { conductor, worker, effects, reached, row, schema } = await world(use);
    const { sql } = use;
    const items = Array.from({ length: 10 }, () => ({ payload: { children: 5, ms: 20 } }));
    const ids = (await conductor.invoke({ name: 'parent' }, items)) as unknown as string[];
    for (let kill = 0; kill < 4; kill += 1) {
      const before = (await effects()).length;
      const victim = await worker();
      await waitFor(async () => (await effects()).length > before + kill * 3, {
        what: 'some work',
        timeoutMs: 15_000,
      });
      await victim.kill();
    }
    await worker();
    for (const id of ids) {
      await reached(id, 'completed');
      expect(await row('history', id)).toMatchObject({ result: 10 });
    }
    const children = await sql`select parent, count(*)::int as count from ${sql(schema)}.history
      where task = 'child' group by parent`;
    expect(children).toHaveLength(10);
    for (const { count } of children) expect(count).toBe(5);
    for (const table of ['execution', 'step', 'event_wait'])
      expect(await sql`select from ${sql(schema)}.${sql(table)}`).toHaveLength(0);
  });
});
