import { waitFor } from '@throughline/testkit';
import type postgres from 'postgres';
import { expect, it } from 'vitest';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';
import { withUnsafe } from './with-unsafe.ts';

const invocable = { invocable: true } as const;

/** A database that cannot answer claims of more than so many executions. */
function limited(sql: postgres.Sql, most: number): postgres.Sql {
  const unsafe = async (...statement: Parameters<postgres.Sql['unsafe']>) => {
    const [text, [request] = []] = statement;
    if (text.includes('.claim(') && JSON.parse(String(request)).limit > most)
      throw Object.assign(new Error('string buffer exceeds maximum allowed length'), { code: '54000' });
    return sql.unsafe(...statement);
  };
  return withUnsafe(sql, unsafe);
}

onPostgres('what a worker has claimed', (use) => {
  it('is given back when it waits behind long runs while others have room', async () => {
    const { conductor, orchestrator, invokeEach, states } = engine(use);
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    let started = 0;
    const quick = conductor.createTask({ name: 'quick' }, invocable, async () => {});
    const slow = conductor.createTask({ name: 'slow' }, invocable, () => {
      started += 1;
      return opened;
    });
    const few = orchestrator({ tasks: [quick, slow], concurrency: 2 });
    await few.start();
    await invokeEach('quick', [...Array(2_000).keys()]);
    await waitFor(async () => Object.values(await states()).every((state) => state === 'completed'));
    await invokeEach('slow', [...Array(20).keys()]);
    await waitFor(() => started === 2);
    await orchestrator({ tasks: [quick, slow], concurrency: 20 }).start();
    await waitFor(() => started === 20, { what: 'all of them to be started', timeoutMs: 10_000 });
    open();
  });

  it('is less when it was more than one answer takes', async () => {
    const { conductor, orchestrator, invokeEach, states } = engine(use, {
      sql: limited(use.sql, 4),
    });
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    await invokeEach('job', [...Array(50).keys()]);
    await orchestrator({ tasks: [task], concurrency: 30, pollMs: 60_000 }).start();
    await waitFor(async () => Object.values(await states()).every((state) => state === 'completed'));
    expect(Object.keys(await states())).toHaveLength(50);
  });
});
