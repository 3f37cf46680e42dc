import type { ThroughlineError } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import type { TaskContext } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;
const backoff = { type: 'fixed', delayMs: 0 } as const;

const late = (error: ThroughlineError) => {
  if (error.code !== 'THROUGHLINE_PGCONDUCTOR_WAIT_TIMEOUT') throw error;
};

onPostgres('a name that is used again', (use) => {
  it.each<[string, (ctx: TaskContext) => Promise<unknown>]>([
    ['a step', (ctx) => ctx.step('again', () => 1)],
    ['a sleep', (ctx) => ctx.sleep('again', 0)],
    ['a child', (ctx) => ctx.invoke('again', { name: 'child' })],
    ['an event', (ctx) => ctx.waitForEvent('again', { event: 'never', timeoutMs: 1 }).catch(late)],
  ])('is refused for %s', async (_, ask) => {
    const { conductor, orchestrator, reached, row } = engine(use);
    const task = conductor.createTask({ name: 'job', maxAttempts: 1 }, invocable, async (_event, ctx) => {
      await ask(ctx);
      await ask(ctx);
    });
    const child = conductor.createTask({ name: 'child' }, invocable, () => 1);
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task, child] }).start();
    await reached(id, 'failed');
    expect((await row('history', id))?.['error']).toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_STEP_REPEATED',
      message: expect.stringContaining('"again"'),
    });
  });
});

onPostgres('a step', (use) => {
  it('is done once, however often the handler runs', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const done: string[] = [];
    const task = conductor.createTask({ name: 'job', backoff }, invocable, async (_, ctx) => {
      const first = await ctx.step('first', async () => {
        done.push('first');
        return { amount: 5 };
      });
      const second = await ctx.step('second', () => {
        done.push('second');
        return first.amount + 1;
      });
      if (ctx.attempt < 3) throw new Error('not yet');
      return [first, second];
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(done).toEqual(['first', 'second']);
    expect(await row('history', id)).toMatchObject({ attempt: 3, result: [{ amount: 5 }, 6] });
  });

  it('is stored before it returns', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const { sql } = use;
    let stored: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await ctx.step('only', () => 'value');
      const steps = sql`${sql(schema)}.step`;
      stored = [
        ...(await sql`select key, value, outcome from ${steps} where execution = ${ctx.executionId}`),
      ];
    });
    await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(stored).toMatchObject([{ key: 'only', value: 'value', outcome: 'done' }]);
  });

  it('gives what JSON keeps, the first time as later', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const seen: unknown[] = [];
    const moment = new Date('2026-01-31T12:00:00Z');
    const task = conductor.createTask({ name: 'job', backoff }, invocable, async (_, ctx) => {
      seen.push(await ctx.step('date', () => ({ moment, nothing: undefined })));
      seen.push(await ctx.step('null', () => null));
      seen.push(await ctx.step('nothing', () => {}));
      if (ctx.attempt === 1) throw new Error('again');
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    const once = [{ moment: '2026-01-31T12:00:00.000Z' }, null, undefined];
    expect(seen).toEqual([...once, ...once]);
    expect(await row('history', id)).toMatchObject({ outcome: 'completed' });
  });

  it('is refused under a name that was used before, one after another', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const done: string[] = [];
    const task = conductor.createTask({ name: 'job', maxAttempts: 2, backoff }, invocable, async (_, ctx) => {
      for (const mail of ['ada', 'bob', 'eve']) await ctx.step('mail', () => done.push(mail));
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(done).toEqual(['ada']);
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'THROUGHLINE_PGCONDUCTOR_STEP_REPEATED',
        message: expect.stringContaining('"mail"'),
      },
    });
  });

  it('is refused under a name that was used before, at the same time', async () => {
    const { conductor, orchestrator } = engine(use);
    const ends: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      const steps = ['ada', 'bob'].map((mail) => ctx.step('mail', () => mail));
      for (const end of await Promise.allSettled(steps)) ends.push(end);
    });
    await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(ends).toMatchObject([
      { value: 'ada' },
      { reason: { code: 'THROUGHLINE_PGCONDUCTOR_STEP_REPEATED', step: 'mail' } },
    ]);
  });

  it('may be tried again in a loop until it succeeds', async () => {
    const { conductor, orchestrator, row } = engine(use);
    let tries = 0;
    const task = conductor.createTask({ name: 'job', backoff }, invocable, async (_, ctx) => {
      const once = () =>
        ctx.step('risky', () => {
          tries += 1;
          if (tries < 3) throw new Error('not yet');
          return tries;
        });
      const result = await once().catch(once).catch(once);
      if (ctx.attempt === 1) throw new Error('again');
      return result;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ result: 3, attempt: 2 });
    expect(tries).toBe(3);
  });

  it('that fails throws the same error, is not kept, and may be tried again', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const problem = new RangeError('too far');
    const caught: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await ctx
        .step('risky', () => {
          throw problem;
        })
        .catch((error: unknown) => caught.push(error));
      return ctx.step('risky', () => 'fine');
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(caught[0]).toBe(problem);
    expect(await row('history', id)).toMatchObject({ result: 'fine' });
  });

  it.each<[string, () => unknown]>([
    ['is too large', () => 'x'.repeat(2 ** 20)],
    ['has no JSON', () => ({ amount: 5n })],
    ['is a function', () => () => 5],
  ])('fails, and nothing else does, when its result %s', async (_, work) => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (event, ctx) => {
      await ctx.step('result', event.payload === 'bad' ? work : () => 'good');
    });
    const [good, bad] = [
      await conductor.invoke({ name: 'job' }),
      await conductor.invoke({ name: 'job' }, 'bad'),
    ];
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', good)).toMatchObject({ outcome: 'completed' });
    expect(await row('history', bad)).toMatchObject({
      outcome: 'failed',
      attempt: 1,
      error: {
        code: 'THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE',
        message: expect.stringContaining('"result"'),
      },
    });
  });

  it('may have any name, and any text for a result', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const name = `it's "ünïcode" \\u0000 ${'x'.repeat(200)}`;
    const task = conductor.createTask({ name: 'job', backoff }, invocable, async (_, ctx) => {
      const text = await ctx.step(name, () => 'a\0b\ud800 "quoted" \\u0000');
      if (ctx.attempt === 1) throw new Error('again');
      return text;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ result: 'a\ufffdb\ufffd "quoted" \\u0000' });
  });

  it('is refused under a name that is something else', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job', maxAttempts: 1 }, invocable, async (_, ctx) => {
      await ctx.step('pause', () => 1);
      await ctx.sleep('pause', 10);
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({
      error: { code: 'THROUGHLINE_PGCONDUCTOR_STEP_MISMATCH' },
    });
  });

  it('that sleeps, waits, invokes or runs itself is refused: it would never end', async () => {
    const { conductor, orchestrator } = engine(use);
    const waits: Readonly<Record<string, (ctx: TaskContext) => Promise<unknown>>> = {
      sleep: (ctx) => ctx.sleep('nap', 1),
      event: (ctx) => ctx.waitForEvent('answer', { event: 'answered' }),
      child: (ctx) => ctx.invoke('child', { name: 'task' }),
      itself: (ctx) => ctx.step('itself', () => 1),
    };
    const codes: unknown[] = [];
    const task = conductor.createTask({ name: 'task' }, invocable, async (_, ctx) => {
      for (const [name, wait] of Object.entries(waits))
        await ctx.step(name, () => wait(ctx)).catch((error: ThroughlineError) => codes.push(error.code));
      return ctx.step('outer', () => ctx.step('inner', () => 'steps in steps are fine'));
    });
    const id = await conductor.invoke({ name: 'task' });
    await orchestrator({ tasks: [task] }).drain();

    const nested = 'THROUGHLINE_PGCONDUCTOR_STEP_NESTED';
    expect(codes).toEqual([nested, nested, nested, 'THROUGHLINE_PGCONDUCTOR_STEP_REPEATED']);
    expect((await conductor.get(String(id)))?.result).toBe('steps in steps are fine');
  });

  it('leaves no row when its execution is over, whatever way', async () => {
    const { conductor, orchestrator, schema, invokeEach } = engine(use);
    const { sql } = use;
    const task = conductor.createTask({ name: 'job', maxAttempts: 1 }, invocable, async (event, ctx) => {
      await ctx.step('kept', () => 1);
      if (event.payload === 'fail') throw new Error('failed');
      if (event.payload !== 'cancel') return;
      const aborted = new Promise((_resolve, reject) => {
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
      });
      await Promise.all([aborted, conductor.cancel(ctx.executionId)]);
    });
    await invokeEach('job', ['complete', 'fail', 'cancel']);
    await orchestrator({ tasks: [task] }).drain();
    expect(await sql`select from ${sql(schema)}.execution`).toHaveLength(0);
    expect(await sql`select from ${sql(schema)}.step`).toHaveLength(0);
  });

  it('of a run that lost its lease is not kept', async () => {
    const { conductor, orchestrator, schema, row, reached } = engine(use);
    const { sql } = use;
    let late = (): void => {};
    const resumed = new Promise<void>((resolve) => {
      late = resolve;
    });
    const reasons: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      if (ctx.attempt > 1) return ctx.step('who', () => 'second');
      await resumed;
      return ctx
        .step('who', () => 'first')
        .catch((error: unknown) => {
          reasons.push(error);
          throw error;
        });
    });
    const id = await conductor.invoke({ name: 'job' });
    const first = orchestrator({ tasks: [task] });
    await first.start();
    await waitFor(async () => (await row('execution', id))?.['state'] === 'running');
    await sql`update ${sql(schema)}.lease set until = ${sql(schema)}.clock() - interval '1 second'`;
    await orchestrator({ tasks: [task], leaseMs: 1_000 }).start();
    await reached(id, 'completed');
    late();
    await waitFor(() => reasons.length === 1);
    expect(reasons).toMatchObject([{ code: 'THROUGHLINE_PGCONDUCTOR_LEASE_LOST' }]);
    expect(await row('history', id)).toMatchObject({ result: 'second' });
    expect(await sql`select from ${sql(schema)}.step`).toHaveLength(0);
  });

  it('shares its statement with others that wait', async () => {
    const { conductor, orchestrator, invokeEach, schema } = engine(use);
    const { sql } = use;
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      for (const name of ['a', 'b', 'c']) await ctx.step(name, () => name);
    });
    await orchestrator({ tasks: [task] }).drain();
    await sql`create table ${sql(schema)}.saved (transaction xid8)`;
    await sql.unsafe(`create function "${schema.replaceAll('"', '""')}".note() returns trigger language plpgsql as
      $$ begin execute format('insert into %I.saved select pg_current_xact_id()', tg_table_schema); return null; end $$;
      create trigger note after insert on "${schema.replaceAll('"', '""')}".step
      for each row execute function "${schema.replaceAll('"', '""')}".note()`);
    await invokeEach('job', new Array(40).fill(0));
    await orchestrator({ tasks: [task], concurrency: 20 }).drain();
    const [counts] = await sql`select count(*)::int as steps, count(distinct transaction)::int as statements
      from ${sql(schema)}.saved`;
    expect(counts?.['steps']).toBe(120);
    expect(counts?.['statements']).toBeLessThan(40);
  });
});
