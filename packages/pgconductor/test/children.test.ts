import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ChildFailedError, defineTask, NonRetryableError, WaitTimeoutError } from '../src/index.ts';
import { createTestClock } from '../src/testing/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;
const backoff = { type: 'fixed', delayMs: 0 } as const;

onPostgres('a child', (use) => {
  it('gives its result to the parent, which waits without a worker', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) =>
      ctx.invoke('double it', { name: 'double' }, 21),
    );
    const double = conductor.createTask(
      { name: 'double' },
      invocable,
      async (event) => Number(event.payload) * 2,
    );
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, double], concurrency: 1 }).drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', result: 42, attempt: 2 });
  });

  it('exists when its parent is suspended, and is found by it', async () => {
    const { conductor, orchestrator, row, schema } = engine(use);
    const { sql } = use;
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) =>
      ctx.invoke('child', { name: 'elsewhere' }, { a: 1 }, { priority: -5 }),
    );
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent] }).drain();
    expect(await row('execution', id)).toMatchObject({ state: 'waiting', open_children: 1 });
    const children =
      await sql`select task, parent, payload, priority, state from ${sql(schema)}.execution where parent = ${id}`;
    expect(children).toMatchObject([{ task: 'elsewhere', payload: { a: 1 }, priority: -5, state: 'ready' }]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an object', { a: [1, 'two'] }],
  ])('may return %s', async (_, value) => {
    const { conductor, orchestrator, reached } = engine(use);
    const seen: unknown[] = [];
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_event, ctx) => {
      seen.push(await ctx.invoke('child', { name: 'child' }));
    });
    const child = conductor.createTask({ name: 'child' }, invocable, async () => value);
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, child] }).drain();
    await reached(id, 'completed');
    expect(seen).toEqual([value]);
  });

  it('runs once, however often its parent runs', async () => {
    const { conductor, orchestrator, row } = engine(use);
    let runs = 0;
    const parent = conductor.createTask({ name: 'parent', backoff }, invocable, async (_, ctx) => {
      const result = await ctx.invoke('child', { name: 'child' });
      if (ctx.attempt < 4) throw new Error('again');
      return result;
    });
    const child = conductor.createTask({ name: 'child' }, invocable, async () => {
      runs += 1;
      return runs;
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, child] }).drain();
    expect(await row('history', id)).toMatchObject({ result: 1, attempt: 4 });
    expect(runs).toBe(1);
  });

  it('that failed for good is an error that the parent can catch', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const caught: unknown[] = [];
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      try {
        return await ctx.invoke('risky', { name: 'risky' });
      } catch (error) {
        caught.push(error);
        return 'instead';
      }
    });
    let runs = 0;
    const risky = conductor.createTask({ name: 'risky', maxAttempts: 2, backoff }, invocable, async () => {
      runs += 1;
      throw new TypeError(`broken ${runs}`);
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, risky] }).drain();
    expect(runs).toBe(2);
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', result: 'instead' });
    expect(caught[0]).toBeInstanceOf(ChildFailedError);
    expect(caught).toMatchObject([
      {
        task: 'risky',
        executionId: /^\d+$/.exec(String((caught[0] as ChildFailedError).executionId))?.[0],
        error: { type: 'TypeError', message: 'broken 2' },
      },
    ]);
    expect(await row('history', (caught[0] as ChildFailedError).executionId)).toMatchObject({
      task: 'risky',
      parent: id,
    });
  });

  it('that failed fails a parent that does not catch it for good: it would at each run', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const parent = conductor.createTask(
      { name: 'parent', maxAttempts: 5, backoff },
      invocable,
      async (_, ctx) => ctx.invoke('risky', { name: 'risky' }),
    );
    const risky = conductor.createTask({ name: 'risky', maxAttempts: 1 }, invocable, () => {
      throw new TypeError('broken');
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, risky] }).drain();
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      attempt: 2,
      failures: 1,
      error: {
        code: 'THROUGHLINE_PGCONDUCTOR_CHILD_FAILED',
        message: expect.stringContaining('TypeError: broken'),
      },
    });
  });

  it('that failed is the cause of what a parent throws instead, which may be tried again', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const parent = conductor.createTask(
      { name: 'parent', maxAttempts: 2, backoff },
      invocable,
      async (_, ctx) =>
        ctx.invoke('risky', { name: 'risky' }).catch((cause: unknown) => {
          throw new Error('no risk, no fun', { cause });
        }),
    );
    const risky = conductor.createTask({ name: 'risky', maxAttempts: 1 }, invocable, () => {
      throw new TypeError('broken');
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, risky] }).drain();
    expect(await row('history', id)).toMatchObject({
      failures: 2,
      error: { message: 'no risk, no fun', cause: { code: 'THROUGHLINE_PGCONDUCTOR_CHILD_FAILED' } },
    });
  });

  it('gets its payload as it was when it was asked for', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      const page = { number: 1 };
      const first = ctx.invoke('first', { name: 'child' }, page);
      page.number = 2;
      return Promise.all([first, ctx.invoke('second', { name: 'child' }, page)]);
    });
    const child = conductor.createTask({ name: 'child' }, invocable, ({ payload }) => payload);
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, child] }).drain();
    expect(await row('history', id)).toMatchObject({ result: [{ number: 1 }, { number: 2 }] });
  });

  it('that was cancelled fails, too', async () => {
    const { conductor, orchestrator, row, schema, reached } = engine(use);
    const { sql } = use;
    const parent = conductor.createTask({ name: 'parent', maxAttempts: 1 }, invocable, async (_, ctx) =>
      ctx.invoke('child', { name: 'elsewhere' }),
    );
    const id = await conductor.invoke({ name: 'parent' });
    const worker = orchestrator({ tasks: [parent] });
    await worker.drain();
    const [child] = await sql`select id from ${sql(schema)}.execution where parent = ${id}`;
    await conductor.cancel(String(child?.['id']), { reason: 'no longer wanted' });
    await worker.drain();
    await reached(id, 'failed');
    expect(await row('history', id)).toMatchObject({
      error: {
        code: 'THROUGHLINE_PGCONDUCTOR_CHILD_FAILED',
        message: expect.stringContaining('no longer wanted'),
      },
    });
  });

  it('that is not awaited never starts, which is logged', async () => {
    const warnings: unknown[] = [];
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (_: string, fields: unknown) => warnings.push(fields),
    };
    const { conductor, orchestrator, states } = engine(use, { logger });
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      void ctx.invoke('forgotten', { name: 'child' });
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent] }).drain();

    expect(await states()).toEqual({ [String(id)]: 'completed' });
    expect(warnings).toEqual([{ task: 'parent', executionId: id, child: 'forgotten' }]);
  });

  it('is refused with a payload that does not fit', async () => {
    const definition = defineTask({ name: 'strict', payload: z.number() });
    const { conductor, orchestrator, row } = engine(use, {
      tasks: [definition, defineTask({ name: 'parent' })],
    });
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) =>
      ctx.invoke('child', { name: 'strict' }, 'no number'),
    );
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent] }).drain();
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      attempt: 1,
      error: { code: 'THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID' },
    });
  });

  it('waits at the gate of its task', async () => {
    const { conductor, orchestrator, row } = engine(use);
    let running = 0;
    let most = 0;
    const limited = conductor.createTask({ name: 'limited', concurrency: 2 }, invocable, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
    });
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      await Promise.all([1, 2, 3, 4, 5].map((n) => ctx.invoke(`child ${n}`, { name: 'limited' })));
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, limited] }).drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', attempt: 2 });
    expect(most).toBeLessThanOrEqual(2);
  });

  it('may have children itself', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'tree' }, invocable, async (event, ctx) => {
      const depth = Number(event.payload);
      if (depth === 0) return 1;
      const counts = await Promise.all(
        ['l', 'r'].map((side) => ctx.invoke(side, { name: 'tree' }, depth - 1)),
      );
      return counts.reduce<number>((sum, count) => sum + Number(count), 1);
    });
    const id = await conductor.invoke({ name: 'tree' }, 4);
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ result: 31 });
  });
});

onPostgres('children that are invoked together', (use) => {
  it('run together, and wake their parent once', async () => {
    const { conductor, orchestrator, row } = engine(use);
    let running = 0;
    let most = 0;
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) =>
      Promise.all([1, 2, 3, 4].map((n) => ctx.invoke(`child ${n}`, { name: 'child' }, n))),
    );
    const child = conductor.createTask({ name: 'child' }, invocable, async (event) => {
      running += 1;
      most = Math.max(most, running);
      await waitFor(() => most === 4, { what: 'all four to run' });
      running -= 1;
      return event.payload;
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, child] }).drain();
    expect(await row('history', id)).toMatchObject({ result: [1, 2, 3, 4], attempt: 2 });
  });

  it('wake it at the first failure', async () => {
    const { conductor, orchestrator, row, schema } = engine(use);
    const { sql } = use;
    const parent = conductor.createTask({ name: 'parent', maxAttempts: 1 }, invocable, async (_, ctx) => {
      await Promise.all([ctx.invoke('slow', { name: 'elsewhere' }), ctx.invoke('bad', { name: 'bad' })]);
    });
    const bad = conductor.createTask({ name: 'bad' }, invocable, async () => {
      throw new NonRetryableError('no use');
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, bad] }).drain();
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      error: { code: 'THROUGHLINE_PGCONDUCTOR_CHILD_FAILED' },
    });
    const slow = await sql`select outcome from ${sql(schema)}.history where task = 'elsewhere'`;
    expect(slow).toMatchObject([{ outcome: 'canceled' }]);
  });

  it('finish in any order, over several workers', async () => {
    const { conductor, orchestrator, invokeEach, schema, reached } = engine(use);
    const { sql } = use;
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      const results = await Promise.all(
        Array.from({ length: 10 }, (_item, n) => ctx.invoke(`child ${n}`, { name: 'child' }, n)),
      );
      return results.reduce<number>((sum, result) => sum + Number(result), 0);
    });
    const child = conductor.createTask({ name: 'child' }, invocable, async (event) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      return event.payload;
    });
    const ids = await invokeEach('parent', new Array(20).fill(0));
    await Promise.all([1, 2, 3].map(() => orchestrator({ tasks: [parent, child], concurrency: 20 }).start()));
    for (const id of ids) await reached(id, 'completed');
    const parents =
      await sql`select distinct result::text as result, attempt from ${sql(schema)}.history where task = 'parent'`;
    expect(parents).toEqual([{ result: '45', attempt: 2 }]);
    expect(await sql`select from ${sql(schema)}.step`).toHaveLength(0);
  });
});

onPostgres('a child with timeoutMs', (use) => {
  it('is cancelled when it is late, and the parent is told', async () => {
    const { conductor, orchestrator, row, schema } = engine(use);
    const { sql } = use;
    const caught: unknown[] = [];
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      await ctx
        .invoke('late', { name: 'elsewhere' }, undefined, { timeoutMs: 60_000 })
        .catch((error: unknown) => caught.push(error));
      await ctx.sleep('pause', 60_000);
      return 'went on';
    });
    const clock = await createTestClock(conductor);
    const id = await conductor.invoke({ name: 'parent' });
    const worker = orchestrator({ tasks: [parent] });
    for (const ms of [0, 60_000, 60_000]) {
      await clock.advance(ms);
      await worker.drain();
    }
    expect(caught).toHaveLength(2);
    expect(caught[1]).toBeInstanceOf(WaitTimeoutError);
    expect(await row('history', id)).toMatchObject({ result: 'went on' });
    const late = await sql`select outcome, error from ${sql(schema)}.history where task = 'elsewhere'`;
    expect(late).toMatchObject([{ outcome: 'canceled' }]);
  });
});

onPostgres('the cancellation of a parent', (use) => {
  it('cancels what it waits for, down to the last', async () => {
    const { conductor, orchestrator, schema, row } = engine(use);
    const { sql } = use;
    const task = conductor.createTask({ name: 'tree' }, invocable, async (event, ctx) => {
      const depth = Number(event.payload);
      if (depth === 0) return ctx.invoke('leaf', { name: 'elsewhere' });
      return Promise.all(['l', 'r'].map((side) => ctx.invoke(side, { name: 'tree' }, depth - 1)));
    });
    const id = await conductor.invoke({ name: 'tree' }, 2);
    await orchestrator({ tasks: [task] }).drain();
    const count = async () => (await sql`select from ${sql(schema)}.execution`).length;
    expect(await count()).toBe(11);
    await conductor.cancel(String(id));
    expect(await count()).toBe(0);
    expect(await row('history', id)).toMatchObject({ outcome: 'canceled' });
    expect(await sql`select from ${sql(schema)}.step`).toHaveLength(0);
  });

  it('aborts children that run', async () => {
    const { conductor, orchestrator, schema, reached } = engine(use);
    const { sql } = use;
    const reasons: unknown[] = [];
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) =>
      ctx.invoke('child', { name: 'child' }),
    );
    const child = conductor.createTask({ name: 'child' }, invocable, async (_, ctx) => {
      await new Promise<void>((_resolve, reject) => {
        ctx.signal.addEventListener('abort', () => {
          reasons.push(ctx.signal.reason);
          reject(ctx.signal.reason);
        });
      });
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, child] }).start();
    const running = async () =>
      (await sql`select from ${sql(schema)}.execution where task = 'child' and state = 'running'`).length ===
      1;
    await waitFor(running);
    await conductor.cancel(String(id));
    await reached(id, 'canceled');
    await waitFor(() => reasons.length === 1);
    expect(reasons).toMatchObject([{ code: 'THROUGHLINE_PGCONDUCTOR_CANCELED' }]);
  });
});
