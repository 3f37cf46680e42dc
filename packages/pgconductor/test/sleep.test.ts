import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { createTestClock } from '../src/testing/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;
const dayMs = 86_400_000;

onPostgres('a sleep', (use) => {
  it('lets the worker go, and passes when its time has come', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const attempts: number[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      attempts.push(ctx.attempt);
      await ctx.sleep('pause', 3 * dayMs);
      return 'awake';
    });
    const clock = await createTestClock(conductor, { now: new Date('2026-03-01T12:00:00Z') });
    const id = await conductor.invoke({ name: 'job' });
    const worker = orchestrator({ tasks: [task] });
    await worker.drain();
    expect(await row('execution', id)).toMatchObject({
      state: 'sleeping',
      run_at: new Date('2026-03-04T12:00:00Z'),
      lease: null,
      failures: 0,
    });
    await clock.advance(3 * dayMs - 1);
    await worker.drain();
    expect(attempts).toEqual([1]);
    await clock.advance(1);
    await worker.drain();
    expect(attempts).toEqual([1, 2]);
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', result: 'awake', failures: 0 });
  });

  it('may last until the end of time', async () => {
    const { conductor, orchestrator, row, invokeEach, states } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (event, ctx) => {
      if (event.payload === 'date') await ctx.sleep('pause', new Date(8.64e15));
      else await ctx.sleep('pause', 9e12);
    });
    const [date, span] = await invokeEach('job', ['date', 'span']);
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({ [String(date)]: 'sleeping', [String(span)]: 'sleeping' });
    const [found] =
      await use.sql`select extract(year from ${String((await row('execution', String(span)))?.['run_at'])}::timestamptz)::int as year`;
    expect(found?.['year']).toBeGreaterThan(2300);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5', new Date(Number.NaN), 1e13])(
    'of %s is refused',
    async (until) => {
      const { conductor, orchestrator, row } = engine(use);
      const task = conductor.createTask({ name: 'job', maxAttempts: 1 }, invocable, async (_, ctx) => {
        await ctx.sleep('pause', until as number);
      });
      const id = await conductor.invoke({ name: 'job' });
      await orchestrator({ tasks: [task] }).drain();
      expect(await row('history', id)).toMatchObject({ error: { code: 'THROUGHLINE_OPTION_INVALID' } });
    },
  );

  it.each([-8.64e15, 0])('until a moment that has long been is over at once', async (ms) => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job', maxAttempts: 1 }, invocable, (_, ctx) =>
      ctx.sleep('pause', new Date(ms)),
    );
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', error: null });
  });

  it('is seen neither by catch nor by finally nor by the signal of the handler', async () => {
    const { conductor, orchestrator, reached } = engine(use);
    const seen: string[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      if (ctx.attempt === 1) ctx.signal.addEventListener('abort', () => seen.push('abort'));
      try {
        await ctx.sleep('pause', 50);
        seen.push(`passed in run ${ctx.attempt}`);
      } catch {
        seen.push('catch');
      } finally {
        seen.push('finally');
      }
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'completed');
    expect(seen).toEqual(['passed in run 2', 'finally']);
  });

  it('that is one of several wakes the handler at its own time', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      const nap = async (name: string, ms: number) => {
        await ctx.sleep(name, ms);
        return ctx.step(`after ${name}`, () => ctx.attempt);
      };
      return Promise.all([nap('short', dayMs), nap('long', 2 * dayMs)]);
    });
    const clock = await createTestClock(conductor);
    const id = await conductor.invoke({ name: 'job' });
    const worker = orchestrator({ tasks: [task] });
    for (const ms of [0, dayMs, dayMs]) {
      await clock.advance(ms);
      await worker.drain();
    }
    expect(await row('history', id)).toMatchObject({ result: [2, 3], attempt: 3 });
  });

  it('begins when the steps beside it are done', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    let runs = 0;
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      const work = ctx.step('work', async () => {
        runs += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return runs;
      });
      const [result] = await Promise.all([work, ctx.sleep('pause', 10)]);
      return result;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'completed');
    expect(runs).toBe(1);
    expect(await row('history', id)).toMatchObject({ result: 1, attempt: 2 });
  });

  it('survives its worker', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    let works = 0;
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await ctx.step('before', () => {
        works += 1;
      });
      await ctx.sleep('pause', 100);
      return works;
    });
    const id = await conductor.invoke({ name: 'job' });
    const first = orchestrator({ tasks: [task] });
    await first.start();
    await reached(id, 'sleeping');
    await first.stop();
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'completed');
    expect(await row('history', id)).toMatchObject({ result: 1 });
  });

  it('is ended by a cancellation', async () => {
    const { conductor, orchestrator, row, schema } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) =>
      ctx.sleep('pause', dayMs),
    );
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await conductor.cancel(String(id), { reason: 'enough' })).toBe(true);
    expect(await row('history', id)).toMatchObject({ outcome: 'canceled', error: { message: 'enough' } });
    expect(await use.sql`select from ${use.sql(schema)}.step`).toHaveLength(0);
  });
});

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

onPostgres('10,000 suspensions', (use) => {
  it('leave nothing behind in the process', async () => {
    const { conductor, orchestrator, invokeEach, schema } = engine(use);
    let suspended = 0;
    let collected = 0;
    const registry = new FinalizationRegistry(() => {
      collected += 1;
    });
    const task = conductor.createTask({ name: 'job', timeoutMs: 600_000 }, invocable, async (_, ctx) => {
      const held = { buffer: new Array(100).fill(ctx.executionId) };
      registry.register(held, undefined);
      registry.register(ctx, undefined);
      ctx.signal.addEventListener('abort', () => held);
      suspended += 1;
      try {
        await ctx.sleep('for ever', dayMs);
      } finally {
        held.buffer.pop();
      }
    });
    await invokeEach('job', new Array(10_000).fill(0));
    const worker = orchestrator({ tasks: [task], concurrency: 100 });
    await worker.drain();
    expect(suspended).toBe(10_000);
    const [count] =
      await use.sql`select count(*)::int as sleeping from ${use.sql(schema)}.execution where state = 'sleeping'`;
    expect(count?.['sleeping']).toBe(10_000);
    await waitFor(
      () => {
        collect();
        return collected === 20_000;
      },
      { what: 'all handlers to be collected', timeoutMs: 20_000 },
    );
  });
});
