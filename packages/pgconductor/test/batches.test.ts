import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, NonRetryableError } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;
const backoff = { type: 'fixed', delayMs: 0 } as const;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

onPostgres('a batch task', (use) => {
  it('gives its handler as many executions at once as its size', async () => {
    const { conductor, orchestrator, invokeEach, states } = engine(use);
    const sizes: number[] = [];
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 10 } },
      invocable,
      async (events, ctx) => {
        sizes.push(events.length);
        expect(ctx.executions).toHaveLength(events.length);
      },
    );
    await invokeEach('mail', numbers(25));
    await orchestrator({ tasks: [task] }).drain();
    expect(sizes.sort((a, b) => b - a)).toEqual([10, 10, 5]);
    expect(Object.values(await states())).toEqual(new Array(25).fill('completed'));
  });

  it('tells each event, execution and attempt in one order', async () => {
    const { conductor, orchestrator, invokeEach } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 3 } },
      invocable,
      async (events, ctx) => {
        seen.push(
          events.map(({ payload }) => payload),
          ctx.executions,
        );
      },
    );
    const ids = await invokeEach('mail', ['a', 'b', 'c']);
    await orchestrator({ tasks: [task] }).drain();
    expect(seen).toEqual([['a', 'b', 'c'], ids.map((executionId) => ({ executionId, attempt: 1 }))]);
  });

  it('starts with fewer when the first has waited long enough', async () => {
    const { conductor, orchestrator, invokeEach, reached } = engine(use);
    const sizes: number[] = [];
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 100, timeoutMs: 50 } },
      invocable,
      async (events) => {
        sizes.push(events.length);
      },
    );
    const ids = await invokeEach('mail', numbers(3));
    await orchestrator({ tasks: [task] }).start();
    for (const id of ids) await reached(id, 'completed');
    expect(sizes).toEqual([3]);
  });

  it('returns one result for each, where an Error is a failure of that one', async () => {
    const { conductor, orchestrator, invokeEach, row } = engine(use);
    const calls: unknown[][] = [];
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 4 }, backoff },
      invocable,
      async (events) => {
        calls.push(events.map(({ payload }) => payload));
        return events.map(({ payload }) => {
          if (payload === 1) return new NonRetryableError('never');
          if (payload === 2 && calls.length === 1) return new Error('not yet');
          return Number(payload) * 10;
        });
      },
    );
    const ids = await invokeEach('mail', numbers(4));
    await orchestrator({ tasks: [task] }).drain();
    const rows = await Promise.all(ids.map((id) => row('history', id)));
    expect(rows).toMatchObject([
      { outcome: 'completed', result: 0, attempt: 1 },
      { outcome: 'failed', attempt: 1, error: { message: 'never' } },
      { outcome: 'completed', result: 20, attempt: 2 },
      { outcome: 'completed', result: 30, attempt: 1 },
    ]);
    expect(calls).toEqual([[0, 1, 2, 3], [2]]);
  });

  it('fails with all of its executions when the handler throws, and each has its own attempts', async () => {
    const { conductor, orchestrator, invokeEach, row } = engine(use);
    let calls = 0;
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 3 }, maxAttempts: 2, backoff },
      invocable,
      async () => {
        calls += 1;
        throw new Error(`call ${calls}`);
      },
    );
    const ids = await invokeEach('mail', numbers(3));
    await orchestrator({ tasks: [task] }).drain();
    for (const id of ids)
      expect(await row('history', id)).toMatchObject({
        outcome: 'failed',
        attempt: 2,
        error: { message: 'call 2' },
      });
    expect(calls).toBe(2);
  });

  it.each([
    ['a list of another length', [1]],
    ['no list', 'done'],
  ])('fails with all of its executions when the handler returns %s', async (_, result) => {
    const { conductor, orchestrator, invokeEach, row } = engine(use);
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 2 }, maxAttempts: 1 },
      invocable,
      async () => result as never,
    );
    const ids = await invokeEach('mail', numbers(2));
    await orchestrator({ tasks: [task] }).drain();
    for (const id of ids)
      expect(await row('history', id)).toMatchObject({
        outcome: 'failed',
        error: { code: 'THROUGHLINE_PGCONDUCTOR_BATCH_RESULT_INVALID' },
      });
  });

  it('leaves out an execution whose payload does not fit, or whose result cannot be stored', async () => {
    const definition = defineTask({ name: 'mail', payload: z.number() });
    const { conductor, orchestrator, row, schema } = engine(use, { tasks: [definition] });
    const { sql } = use;
    const seen: unknown[] = [];
    const task = conductor.createTask({ name: 'mail', batch: { size: 3 } }, invocable, async (events) => {
      seen.push(...events.map(({ payload }) => payload));
      return events.map(({ payload }) => (payload === 7 ? { big: 1n } : payload));
    });
    const ids = [1, 7, 3].map((payload) => conductor.invoke({ name: 'mail' }, payload));
    const [good, huge, bad] = await Promise.all(ids);
    await sql`update ${sql(schema)}.execution set payload = '"text"' where id = ${String(bad)}`;
    await orchestrator({ tasks: [task] }).drain();
    expect(seen.sort()).toEqual([1, 7]);
    expect(await row('history', String(good))).toMatchObject({ outcome: 'completed' });
    expect(await row('history', String(huge))).toMatchObject({
      outcome: 'failed',
      error: { code: 'THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE' },
    });
    expect(await row('history', String(bad))).toMatchObject({
      outcome: 'failed',
      error: { code: 'THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID' },
    });
  });

  it('goes on with the others when one is cancelled', async () => {
    const { conductor, orchestrator, invokeEach, row, reached } = engine(use);
    let go = (): void => {};
    const opened = new Promise<void>((resolve) => {
      go = resolve;
    });
    const aborted: boolean[] = [];
    let isRunning = false;
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 3 } },
      invocable,
      async (events, ctx) => {
        isRunning = true;
        await opened;
        aborted.push(ctx.signal.aborted);
        return events.map(({ payload }) => payload);
      },
    );
    const ids = await invokeEach('mail', numbers(3));
    await orchestrator({ tasks: [task] }).start();
    await waitFor(() => isRunning);
    await conductor.cancel(String(ids[1]), { reason: 'not this one' });
    await reached(ids[1] ?? null, 'canceled');
    go();
    await reached(ids[0] ?? null, 'completed');
    await reached(ids[2] ?? null, 'completed');
    expect(aborted).toEqual([false]);
    expect(await row('history', ids[2] ?? null)).toMatchObject({ result: 2 });
  });

  it('goes on with the others when one is lost', async () => {
    const { conductor, orchestrator, invokeEach, row, reached, schema } = engine(use);
    const { sql } = use;
    let go = (): void => {};
    const opened = new Promise<void>((resolve) => {
      go = resolve;
    });
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 3 } },
      invocable,
      async (events, ctx) => {
        if (events.length === 3) await opened;
        return ctx.executions.map(({ attempt }) => attempt);
      },
    );
    const ids = await invokeEach('mail', numbers(3));
    await orchestrator({ tasks: [task] }).start();
    await reached(ids[1] ?? null, 'running');
    await sql`update ${sql(schema)}.execution set lease = null, state = 'ready' where id = ${ids[1] ?? null}`;
    go();
    for (const id of ids) await reached(id, 'completed');
    const results = await Promise.all(ids.map(async (id) => (await row('history', id))?.['result']));
    expect(results).toEqual([1, 2, 1]);
  });

  it('aborts its signal when all are cancelled', async () => {
    const { conductor, orchestrator, invokeEach, reached } = engine(use);
    const reasons: unknown[] = [];
    let isRunning = false;
    const task = conductor.createTask({ name: 'mail', batch: { size: 2 } }, invocable, async (_, ctx) => {
      isRunning = true;
      await new Promise<void>((resolve) => {
        ctx.signal.addEventListener('abort', () => {
          reasons.push(ctx.signal.reason);
          resolve();
        });
      });
    });
    const ids = await invokeEach('mail', numbers(2));
    await orchestrator({ tasks: [task] }).start();
    await waitFor(() => isRunning);
    for (const id of ids) await conductor.cancel(String(id));
    for (const id of ids) await reached(id, 'canceled');
    await waitFor(() => reasons.length === 1);
    expect(reasons).toMatchObject([{ code: 'THROUGHLINE_PGCONDUCTOR_CANCELED' }]);
  });

  it('fails with all of its executions at timeoutMs', async () => {
    const { conductor, orchestrator, invokeEach, row } = engine(use);
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 2 }, timeoutMs: 30, maxAttempts: 1 },
      invocable,
      async (_, ctx) => {
        await new Promise<void>((resolve) => {
          ctx.signal.addEventListener('abort', () => resolve());
        });
      },
    );
    const ids = await invokeEach('mail', numbers(2));
    await orchestrator({ tasks: [task] }).drain();
    for (const id of ids)
      expect(await row('history', id)).toMatchObject({
        error: { code: 'THROUGHLINE_PGCONDUCTOR_EXECUTION_TIMEOUT' },
      });
  });

  it('gives back what it was still collecting when its orchestrator stops', async () => {
    const { conductor, orchestrator, invokeEach, row, reached } = engine(use);
    const task = conductor.createTask(
      { name: 'mail', batch: { size: 100, timeoutMs: 600_000 } },
      invocable,
      async () => {},
    );
    const ids = await invokeEach('mail', numbers(3));
    const worker = orchestrator({ tasks: [task] });
    await worker.start();
    for (const id of ids) await reached(id, 'running');
    await worker.stop();
    for (const id of ids) expect(await row('execution', id)).toMatchObject({ state: 'ready', attempt: 0 });
  });

  it('shares its worker with other tasks, and a batch takes one place', async () => {
    const { conductor, orchestrator, invokeEach, states } = engine(use);
    let running = 0;
    let most = 0;
    const occupy = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
    };
    const mail = conductor.createTask({ name: 'mail', batch: { size: 20 } }, invocable, occupy);
    const other = conductor.createTask({ name: 'other' }, invocable, occupy);
    await invokeEach('mail', numbers(200));
    await invokeEach('other', numbers(50));
    await orchestrator({ tasks: [mail, other], concurrency: 3 }).drain();
    expect(new Set(Object.values(await states()))).toEqual(new Set(['completed']));
    expect(most).toBeLessThanOrEqual(3);
  });
});
