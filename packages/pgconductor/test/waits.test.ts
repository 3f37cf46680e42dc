import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, WaitTimeoutError } from '../src/index.ts';
import { createTestClock } from '../src/testing/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;

onPostgres('a wait for an event', (use) => {
  it('gives the payload of the event that came, the same at each run', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      const payload = await ctx.waitForEvent('answer', { event: 'answered' });
      seen.push(payload);
      await ctx.sleep('pause', 10);
      return payload;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'waiting');
    await conductor.emit('answered', { text: 'yes' });
    await conductor.emit('answered', { text: 'no' });
    await reached(id, 'completed');
    expect(seen).toEqual([{ text: 'yes' }, { text: 'yes' }]);
    expect(await row('history', id)).toMatchObject({ result: { text: 'yes' } });
  });

  it('takes only what matches', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) =>
      ctx.waitForEvent('paid', { event: 'order.paid', matching: { orderId: 5 } }),
    );
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'waiting');
    for (const orderId of [4, '5', 5]) await conductor.emit('order.paid', { orderId, amount: 10 });
    await reached(id, 'completed');
    expect(await row('history', id)).toMatchObject({ result: { orderId: 5, amount: 10 } });
  });

  it('does not lose an event that comes before the execution is suspended', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      const [event] = await Promise.all([
        ctx.waitForEvent('answer', { event: 'answered' }),
        ctx.step('ask', async () => {
          await use.sql`select pg_sleep(0.05)`;
          await conductor.emit('answered', 'at once');
          await use.sql`select pg_sleep(0.05)`;
        }),
      ]);
      return event;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'completed');
    expect(await row('history', id)).toMatchObject({ result: 'at once', attempt: 2 });
  });

  it('does not count what came before', async () => {
    const { conductor, orchestrator, reached } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) =>
      ctx.waitForEvent('answer', { event: 'answered' }),
    );
    await conductor.emit('answered', 'too early');
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    await reached(id, 'waiting');
  });

  it('ends at timeoutMs, whatever comes later', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const caught: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await ctx
        .waitForEvent('answer', { event: 'answered', timeoutMs: 60_000 })
        .catch((error: unknown) => caught.push(error));
      await ctx.sleep('pause', 60_000);
    });
    const clock = await createTestClock(conductor);
    const id = await conductor.invoke({ name: 'job' });
    const worker = orchestrator({ tasks: [task] });
    await worker.drain();
    await clock.advance(60_000);
    await worker.drain();
    await conductor.emit('answered', 'too late');
    await clock.advance(60_000);
    await worker.drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'completed' });
    expect(caught).toHaveLength(2);
    for (const error of caught) expect(error).toBeInstanceOf(WaitTimeoutError);
  });

  it('that ended at timeoutMs fails a handler that does not catch it for good: it would at each run', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job', maxAttempts: 5 }, invocable, async (_, ctx) =>
      ctx.waitForEvent('answer', { event: 'answered', timeoutMs: 60_000 }),
    );
    const clock = await createTestClock(conductor);
    const id = await conductor.invoke({ name: 'job' });
    const worker = orchestrator({ tasks: [task] });
    await worker.drain();
    await clock.advance(60_000);
    await worker.drain();
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      attempt: 2,
      failures: 1,
      error: { code: 'THROUGHLINE_PGCONDUCTOR_WAIT_TIMEOUT' },
    });
  });

  it('is for what was asked for, whatever becomes of the object', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      const matching = { page: 1 };
      const first = ctx.waitForEvent('first', { event: 'printed', matching });
      matching.page = 2;
      return Promise.all([first, ctx.waitForEvent('second', { event: 'printed', matching })]);
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'waiting');
    for (const page of [1, 2]) await conductor.emit('printed', { page });
    await reached(id, 'completed');
    expect(await row('history', id)).toMatchObject({ result: [{ page: 1 }, { page: 2 }] });
  });

  it('is gone with its execution', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const { sql } = use;
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) =>
      ctx.waitForEvent('answer', { event: 'answered' }),
    );
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await sql`select from ${sql(schema)}.event_wait`).toHaveLength(1);
    await conductor.cancel(String(id));
    expect(await sql`select from ${sql(schema)}.event_wait`).toHaveLength(0);
    expect(await sql`select from ${sql(schema)}.step`).toHaveLength(0);
  });

  it('gives what the schema of the event makes of the payload', async () => {
    const answered = defineEvent({ name: 'answered', payload: z.object({ at: z.coerce.date() }) });
    const { conductor, orchestrator, reached } = engine(use, { events: [answered] });
    const seen: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      seen.push(await ctx.waitForEvent('answer', { event: 'answered' }));
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'waiting');
    await conductor.emit('answered', { at: '2026-01-31T12:00:00Z' });
    await reached(id, 'completed');
    expect(seen).toEqual([{ at: new Date('2026-01-31T12:00:00Z') }]);
  });

  it('may be raced by a sleep', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) =>
      Promise.race([
        ctx.waitForEvent('answer', { event: 'answered' }),
        ctx.sleep('patience', 60_000).then(() => 'nobody answered'),
      ]),
    );
    const clock = await createTestClock(conductor);
    const id = await conductor.invoke({ name: 'job' });
    const worker = orchestrator({ tasks: [task] });
    await worker.drain();
    await clock.advance(60_000);
    await worker.drain();
    expect(await row('history', id)).toMatchObject({ result: 'nobody answered' });
  });
});
