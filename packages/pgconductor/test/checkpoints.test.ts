import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { createTestClock } from '../src/testing/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;

/** Lets a handler go on when the test wants it to. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

onPostgres('a checkpoint', (use) => {
  it('passes when nobody wants anything', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await ctx.checkpoint();
      return 'passed';
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ result: 'passed', attempt: 1 });
  });

  it('gives the execution back while its orchestrator stops, and is passed elsewhere', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    const stopping = gate();
    const seen: string[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await ctx.step('first', () => seen.push('first'));
      if (ctx.attempt === 1) await stopping.opened;
      try {
        await ctx.checkpoint();
      } finally {
        seen.push('after the checkpoint');
      }
    });
    const id = await conductor.invoke({ name: 'job' });
    const worker = orchestrator({ tasks: [task] });
    await worker.start();
    await waitFor(() => seen.length === 1);
    const stopped = worker.stop({ graceMs: 20_000 });
    stopping.open();
    await stopped;
    expect(await row('execution', id)).toMatchObject({ state: 'ready', lease: null, failures: 0 });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'completed');
    expect(seen).toEqual(['first', 'after the checkpoint']);
  });

  it('inside of a step passes, so that the step comes to its end', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    const stopping = gate();
    const done: string[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await ctx.step('long', async () => {
        done.push('begun');
        await stopping.opened;
        await ctx.checkpoint();
        done.push('ended');
      });
      await ctx.checkpoint();
      done.push('after');
    });
    const id = await conductor.invoke({ name: 'job' });
    const worker = orchestrator({ tasks: [task] });
    await worker.start();
    await waitFor(() => done.length === 1);
    const stopped = worker.stop({ graceMs: 3_000 });
    stopping.open();
    await stopped;
    expect(await row('execution', id)).toMatchObject({ state: 'ready', lease: null, failures: 0 });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'completed');
    expect(done).toEqual(['begun', 'ended', 'after']);
  });

  it('gives the execution back when its window has closed, until it opens again', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const clock = await createTestClock(conductor, { now: new Date('2026-03-02T21:59:59.900Z') });
    const runs: number[] = [];
    const task = conductor.createTask(
      { name: 'job', window: { start: '08:00', end: '22:00' } },
      invocable,
      async (_, ctx) => {
        runs.push(ctx.attempt);
        await new Promise((resolve) => setTimeout(resolve, 150));
        await ctx.checkpoint();
      },
    );
    const id = await conductor.invoke({ name: 'job' });
    const worker = orchestrator({ tasks: [task] });
    const drained = worker.drain();
    await waitFor(() => runs.length === 1);
    await clock.advance(200);
    await drained;
    expect(await row('execution', id)).toMatchObject({ state: 'gated', failures: 0 });
    await clock.set(new Date('2026-03-03T08:00:00Z'));
    await worker.drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', attempt: 2 });
  });

  it('tells the handler that it was cancelled', async () => {
    const { conductor, orchestrator, reached } = engine(use);
    const seen: unknown[] = [];
    const canceled = gate();
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      ctx.signal.addEventListener('abort', canceled.open);
      seen.push('running');
      await canceled.opened;
      await ctx.checkpoint().catch((error: unknown) => {
        seen.push(error);
        throw error;
      });
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await waitFor(() => seen.length === 1);
    await conductor.cancel(String(id), { reason: 'enough' });
    await reached(id, 'canceled');
    expect(seen[1]).toMatchObject({ code: 'THROUGHLINE_PGCONDUCTOR_CANCELED' });
  });
});

onPostgres('a handler that was cancelled', (use) => {
  it('begins no further step', async () => {
    const { conductor, orchestrator, reached } = engine(use);
    const done: string[] = [];
    const canceled = gate();
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      ctx.signal.addEventListener('abort', canceled.open);
      await ctx.step('first', () => done.push('first'));
      await canceled.opened;
      await ctx.step('second', () => done.push('second'));
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await waitFor(() => done.length === 1);
    await conductor.cancel(String(id));
    await reached(id, 'canceled');
    expect(done).toEqual(['first']);
  });
});

onPostgres('the context', (use) => {
  it('cancels another execution', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const answers: boolean[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (event, ctx) => {
      const other = String(event.payload);
      answers.push(await ctx.cancel(other, { reason: 'replaced' }), await ctx.cancel(other));
    });
    const other = await conductor.invoke({ name: 'elsewhere' });
    await conductor.invoke({ name: 'job' }, other);
    await orchestrator({ tasks: [task] }).drain();
    expect(answers).toEqual([true, false]);
    expect(await row('history', other)).toMatchObject({
      outcome: 'canceled',
      error: { message: 'replaced' },
    });
  });
});
