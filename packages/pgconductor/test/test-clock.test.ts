import { expect, it } from 'vitest';
import { createTestClock } from '../src/testing/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;
const day = 86_400_000;
const noon = new Date('2026-03-01T12:00:00.000Z');

onPostgres('a test clock', (use) => {
  it('stands still where it was put', async () => {
    const { conductor, schema } = engine(use);
    const clock = await createTestClock(conductor, { now: noon });
    expect(clock.now).toEqual(noon);
    const [row] =
      await use.sql`select ${use.sql(schema)}.clock() as now, ${use.sql(schema)}.clock() as again`;
    expect(row).toEqual({ now: noon, again: noon });
  });

  it('shows the time of the database when nothing is said', async () => {
    const { conductor } = engine(use);
    const [row] = await use.sql`select clock_timestamp() as now`;
    const clock = await createTestClock(conductor);
    expect(clock.now.getTime() - row?.now.getTime()).toBeGreaterThanOrEqual(-1);
  });

  it('lets what is due later run when it is put forward', async () => {
    const { conductor, orchestrator } = engine(use);
    const runs: string[] = [];
    const task = conductor.createTask(
      { name: 'remind' },
      invocable,
      (_, ctx) => void runs.push(ctx.executionId),
    );
    const worker = orchestrator({ tasks: [task] });
    const clock = await createTestClock(conductor, { now: noon });
    const id = await conductor.invoke({ name: 'remind' }, undefined, { delayMs: day });
    await worker.drain();
    await clock.advance(day - 1);
    await worker.drain();
    expect(runs).toEqual([]);
    await clock.advance(1);
    await worker.drain();
    expect(runs).toEqual([id]);
  });

  it('opens windows', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const window = { start: '22:00', end: '06:00', timeZone: 'Europe/Berlin' };
    const task = conductor.createTask({ name: 'tidy', window }, invocable, () => {});
    const worker = orchestrator({ tasks: [task] });
    await worker.drain(); // makes the task known
    const clock = await createTestClock(conductor, { now: noon });
    const id = await conductor.invoke({ name: 'tidy' });
    await worker.drain();
    expect(await states()).toEqual({ [String(id)]: 'gated' });
    await clock.set(new Date('2026-03-01T21:00:00Z'));
    await worker.drain();
    expect(await states()).toEqual({ [String(id)]: 'completed' });
  });

  it('retries without waiting', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const attempts: number[] = [];
    const settings = { name: 'flaky', backoff: [day, 2 * day] };
    const task = conductor.createTask(settings, invocable, (_, ctx) => {
      attempts.push(ctx.attempt);
      throw new Error('no');
    });
    const worker = orchestrator({ tasks: [task] });
    const clock = await createTestClock(conductor, { now: noon });
    const id = await conductor.invoke({ name: 'flaky' });
    for (const pause of [0, day, 2 * day]) {
      await clock.advance(pause);
      await worker.drain();
    }
    expect(attempts).toEqual([1, 2, 3]);
    expect(await states()).toEqual({ [String(id)]: 'failed' });
  });

  it('gives the schema its own clock back', async () => {
    const { conductor, schema } = engine(use);
    const clock = await createTestClock(conductor, { now: noon });
    await clock.restore();
    await clock.restore();
    const [row] =
      await use.sql`select abs(extract(epoch from ${use.sql(schema)}.clock() - now())) < 60 as runs`;
    expect(row).toEqual({ runs: true });
  });

  it('does so also after another one that was never restored', async () => {
    const { conductor, schema } = engine(use);
    await createTestClock(conductor, { now: noon });
    await (await createTestClock(conductor, { now: noon })).restore();
    const [row] =
      await use.sql`select abs(extract(epoch from ${use.sql(schema)}.clock() - now())) < 60 as runs`;
    expect(row).toEqual({ runs: true });
  });

  it('refuses what is no moment, no duration and no conductor', async () => {
    const { conductor } = engine(use);
    const clock = await createTestClock(conductor);
    await expect(clock.set(new Date(Number.NaN))).rejects.toThrow('set.moment');
    await expect(clock.advance(-1)).rejects.toThrow('advance.milliseconds');
    await expect(createTestClock({} as never)).rejects.toThrow('createTestClock.conductor');
    await expect(createTestClock(conductor, { at: noon } as never)).rejects.toThrow('createTestClock.at');
  });
});
