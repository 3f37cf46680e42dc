import { waitFor } from '@throughline/testkit';
import type postgres from 'postgres';
import { expect, it } from 'vitest';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

/** A client that counts what is asked, by the name of the function in the database. */
function counting(sql: postgres.Sql, asked: Map<string, number>): postgres.Sql {
  const unsafe = (...statement: Parameters<postgres.Sql['unsafe']>) => {
    const name = /\.(\w+)\(/.exec(statement[0])?.[1] ?? statement[0];
    asked.set(name, (asked.get(name) ?? 0) + 1);
    return sql.unsafe(...statement);
  };
  return new Proxy(sql, {
    get: (target, name) => (name === 'unsafe' ? unsafe : Reflect.get(target, name)),
  });
}

onPostgres('a worker that has nothing to do', (use) => {
  it('asks for nothing more often than for what is due', async () => {
    const asked = new Map<string, number>();
    const { conductor, orchestrator } = engine(use, {
      sql: counting(use.sql, asked),
    });
    const task = conductor.createTask({ name: 'job' }, { invocable: true }, async () => {});
    await orchestrator({ tasks: [task] }).start();
    await waitFor(() => (asked.get('promote') ?? 0) >= 10, { timeoutMs: 10_000 });
    const { promote = 0, ...others } = Object.fromEntries(asked);
    expect(Object.entries(others).filter(([, count]) => count > promote)).toEqual([]);
  });

  it('asks once for each execution that comes alone', async () => {
    const asked = new Map<string, number>();
    const { conductor, orchestrator, reached } = engine(use, {
      sql: counting(use.sql, asked),
    });
    const claims = () => asked.get('claim') ?? 0;
    const task = conductor.createTask({ name: 'job' }, { invocable: true }, async () => {});
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    await waitFor(() => claims() === 2, { what: 'the second look of a worker that found nothing' });
    const invokeAlone = async () => reached(await conductor.invoke({ name: 'job' }), 'completed');
    await invokeAlone();
    const before = claims();
    for (let n = 0; n < 5; n += 1) await invokeAlone();
    expect(claims()).toBe(before + 5);
  });
});
