import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { defineTask, NonRetryableError, type StandardSchema } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;
const atOnce = { type: 'fixed', delayMs: 0 } as const;

onPostgres('a run that fails', (use) => {
  it('is tried again until it succeeds', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const attempts: number[] = [];
    const task = conductor.createTask({ name: 'flaky', backoff: atOnce }, invocable, async (_, ctx) => {
      attempts.push(ctx.attempt);
      if (ctx.attempt < 3) throw new Error('not yet');
    });
    const id = await conductor.invoke({ name: 'flaky' });
    await orchestrator({ tasks: [task] }).drain();
    expect(attempts).toEqual([1, 2, 3]);
    expect(await row('history', id)).toMatchObject({
      outcome: 'completed',
      attempt: 3,
      failures: 2,
      error: null,
    });
  });

  it('has failed for good after maxAttempts failures, with its last error', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask(
      { name: 'broken', maxAttempts: 2, backoff: atOnce },
      invocable,
      async (_, ctx) => {
        throw new TypeError(`broken ${ctx.attempt}`);
      },
    );
    const id = await conductor.invoke({ name: 'broken' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      attempt: 2,
      failures: 2,
      error: { type: 'TypeError', message: 'broken 2' },
    });
  });

  it('waits for its backoff by the clock of the database', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const backoff = { type: 'fixed', delayMs: 60_000, jitter: 0 } as const;
    const task = conductor.createTask({ name: 'later', backoff }, invocable, async () => {
      throw new Error('not today');
    });
    const id = await conductor.invoke({ name: 'later' });
    const before = Date.now();
    await orchestrator({ tasks: [task] }).drain();
    const found = await row('execution', id);
    expect(found).toMatchObject({ state: 'scheduled', failures: 1, error: { message: 'not today' } });
    const waits = Number(found?.['run_at']) - before;
    expect(waits).toBeGreaterThan(59_000);
    expect(waits).toBeLessThan(90_000);
  });

  it('is not tried again after a NonRetryableError', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'final' }, invocable, async () => {
      throw new NonRetryableError('stolen');
    });
    const id = await conductor.invoke({ name: 'final' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      attempt: 1,
      error: { message: 'stolen' },
    });
  });

  it('is not tried again when its stored payload does not fit', async () => {
    const { conductor, orchestrator, row } = engine(use);
    let runs = 0;
    const refusing: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => ({ issues: [{ message: 'does not fit' }] }),
      },
    };
    const id = await conductor.invoke({ name: 'strict' }, 'old');
    const task = conductor.createTask({ name: 'strict' }, invocable, async () => {
      runs += 1;
    });
    const definition = defineTask({ name: 'strict', payload: refusing });
    await orchestrator({ tasks: [{ ...task, definition }] }).drain();
    expect(runs).toBe(0);
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      attempt: 1,
      error: { code: 'THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID' },
    });
  });
});

onPostgres('a run that takes longer than timeoutMs', (use) => {
  const settings = { name: 'slow', timeoutMs: 30, maxAttempts: 1 } as const;
  const timedOut = {
    name: 'ExecutionTimeoutError',
    code: 'THROUGHLINE_PGCONDUCTOR_EXECUTION_TIMEOUT',
    timeoutMs: 30,
  };

  it('fails with what its signal aborts with, which says whose limit it was and what to do', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const reasons: unknown[] = [];
    const task = conductor.createTask(settings, invocable, async (_, ctx) => {
      await new Promise((_resolve, reject) =>
        ctx.signal.addEventListener('abort', () => {
          reasons.push(ctx.signal.reason);
          reject(new Error('aborted'));
        }),
      );
    });
    const id = await conductor.invoke({ name: 'slow' });
    await orchestrator({ tasks: [task] }).drain();
    const message =
      'Task "slow" ran longer than its timeoutMs of 30; give it more, or let its handler stop in time, by ctx.signal.';
    expect(reasons).toMatchObject([{ ...timedOut, message }]);
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      error: { code: timedOut.code, message },
    });
  });

  it('has failed, whatever a handler that does not heed its signal still returns or throws', async () => {
    const { conductor, orchestrator, invokeEach, row, states } = engine(use);
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let returned = 0;
    const task = conductor.createTask(
      { ...settings, maxAttempts: 2, backoff: atOnce },
      invocable,
      async ({ payload }, ctx) => {
        if (ctx.attempt > 1) return 'in time';
        await held;
        returned += 1;
        if (payload === 'throws') throw new Error('too late');
        return 'too late';
      },
    );
    const ids = await invokeEach('slow', ['returns', 'throws']);
    await orchestrator({ tasks: [task] }).drain();
    goOn();
    await waitFor(() => returned === 2);
    expect(Object.values(await states())).toEqual(['completed', 'completed']);
    for (const id of ids)
      expect(await row('history', id)).toMatchObject({ result: 'in time', attempt: 2, failures: 1 });
  });

  it('begins no further step, and keeps nothing of the one that it is in', async () => {
    const { conductor, orchestrator, row, schema } = engine(use);
    const { sql } = use;
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const done: string[] = [];
    const rejections: unknown[] = [];
    const noted = (error: unknown) => void rejections.push(error);
    const task = conductor.createTask(
      { ...settings, maxAttempts: 2, backoff: { type: 'fixed', delayMs: 60_000 } },
      invocable,
      async (_, ctx) => {
        await ctx.step('first', () => held.then(() => done.push('first'))).catch(noted);
        await ctx.step('second', () => done.push('second')).catch(noted);
        await ctx.sleep('a while', 1).catch(noted);
        await ctx.invoke('child', { name: 'slow' }).catch(noted);
        await ctx.checkpoint().catch(noted);
        done.push('end');
      },
    );
    const id = await conductor.invoke({ name: 'slow' });
    await orchestrator({ tasks: [task] }).drain();
    goOn();
    await waitFor(() => done.includes('end'));
    expect(done).toEqual(['first', 'end']);
    expect(rejections).toMatchObject(new Array(5).fill(timedOut));
    expect(await row('execution', id)).toMatchObject({ state: 'scheduled', failures: 1 });
    expect(await sql`select from ${sql(schema)}.step`).toHaveLength(0);
    expect(await sql`select from ${sql(schema)}.execution`).toHaveLength(1);
  });
});

onPostgres('a result that cannot be stored', (use) => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  it.each([
    ['has no JSON', () => ({ amount: 10n })],
    ['is circular', () => circular],
    ['is too large', () => 'x'.repeat(2 ** 20)],
  ])('fails its own execution only, when it %s', async (_, result) => {
    const { conductor, invokeEach, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'give' }, invocable, async (event) =>
      event.payload === 3 ? result() : event.payload,
    );
    const ids = await invokeEach('give', [1, 2, 3, 4]);
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({
      [String(ids[0])]: 'completed',
      [String(ids[1])]: 'completed',
      [String(ids[2])]: 'failed',
      [String(ids[3])]: 'completed',
    });
  });

  it('is stored with replaced characters when only those are the reason', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'give' }, invocable, async () => ({
      text: 'a\0b\ud800c\\u0000',
    }));
    const id = await conductor.invoke({ name: 'give' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ result: { text: 'a\ufffdb\ufffdc\\u0000' } });
  });

  it('does not keep an error with such characters from being stored', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'give', maxAttempts: 1 }, invocable, async () => {
      throw new Error('a\0b\udfffc');
    });
    const id = await conductor.invoke({ name: 'give' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      error: { message: 'a\ufffdb\ufffdc' },
    });
  });

  it('that the database alone refuses fails its own execution only', async () => {
    const { conductor, invokeEach, orchestrator, schema, states } = engine(use);
    await conductor.migrate();
    await use.sql`alter table ${use.sql(schema)}.history
      add constraint picky check (result is null or (result #>> '{}')::int <> 7)`;
    const task = conductor.createTask({ name: 'give' }, invocable, async (event) => event.payload);
    const ids = await invokeEach('give', [...Array(50).keys()]);
    await orchestrator({ tasks: [task] }).drain();
    const ends = await states();
    expect(ids.filter((id) => ends[String(id)] === 'failed')).toEqual([ids[7]]);
    expect(ids.filter((id) => ends[String(id)] === 'completed')).toHaveLength(49);
  });
});

onPostgres('a payload that cannot be stored', (use) => {
  it.each([
    ['has NUL', 'a\0b'],
    ['has half a surrogate pair', '\ud800'],
    ['has no JSON', 10n],
    ['is too large', 'x'.repeat(2 ** 20)],
  ])('is refused by invoke when it %s', async (_, payload) => {
    const { conductor, states } = engine(use);
    const refused = conductor.invoke({ name: 'any' }, payload as never);
    await expect(refused).rejects.toMatchObject({ code: 'THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE' });
    await conductor.migrate();
    expect(await states()).toEqual({});
  });
});

onPostgres('history', (use) => {
  it('keeps nothing of what is removed on completion', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'gone', removeOnComplete: true }, invocable, async () => 1);
    await conductor.invoke({ name: 'gone' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({});
  });

  it('keeps nothing of what is removed on failure', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'gone', removeOnFail: true }, invocable, async () => {
      throw new NonRetryableError('x');
    });
    await conductor.invoke({ name: 'gone' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({});
  });
});

onPostgres('leases', (use) => {
  it('leave no row behind', async () => {
    const { conductor, invokeEach, orchestrator, schema } = engine(use);
    const task = conductor.createTask({ name: 'noop' }, invocable, async () => {});
    await invokeEach('noop', [...Array(2_000).keys()]);
    await orchestrator({ tasks: [task] }).drain();
    await waitFor(async () => {
      const [{ count }] = (await use.sql`select count(*)::int from ${use.sql(schema)}.lease`) as [
        { count: number },
      ];
      return count === 0;
    });
  });
});
