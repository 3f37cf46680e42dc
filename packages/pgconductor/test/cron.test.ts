import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { createTestClock } from '../src/testing/index.ts';
import { type Engine, engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const noon = new Date('2026-03-01T12:00:00.000Z');
const minute = 60_000;
const everyTen = { cron: '*/10 * * * *', name: 'often' };

/** A task on a schedule, and what its runs were given. */
function scheduled({ conductor }: Engine, trigger = everyTen) {
  const seen: unknown[] = [];
  const task = conductor.createTask({ name: 'report' }, trigger, async (event) => void seen.push(event));
  return { task, seen };
}

const occurrence = (dueAt: string, schedule = 'often') => ({
  name: schedule,
  payload: { schedule, dueAt: `2026-03-01T${dueAt}:00.000Z` },
});

onPostgres('a cron trigger', (use) => {
  it('starts its task once for each tick, over all workers', async () => {
    const made = engine(use);
    const clock = await createTestClock(made.conductor, { now: noon });
    const { task, seen } = scheduled(made);
    const workers = [1, 2, 3].map(() => made.orchestrator({ tasks: [task] }));
    await Promise.all(workers.map((worker) => worker.drain()));
    expect(seen).toEqual([]);
    for (const passed of [10, 10]) {
      await clock.advance(passed * minute);
      await Promise.all(workers.map((worker) => worker.drain()));
    }
    expect(seen).toEqual([occurrence('12:10'), occurrence('12:20')]);
  });

  it('makes up once for what was missed, and says how late it is', async () => {
    const made = engine(use);
    const clock = await createTestClock(made.conductor, { now: noon });
    const { task, seen } = scheduled(made);
    await made.orchestrator({ tasks: [task] }).drain();
    await clock.advance(65 * minute); // nobody works: a restart, an outage
    await made.orchestrator({ tasks: [task] }).drain();
    await clock.advance(5 * minute);
    await made.orchestrator({ tasks: [task] }).drain();
    expect(seen).toEqual([occurrence('12:10'), occurrence('13:10')]);
    const rows = await use.sql`select run_at, finished_at from ${use.sql(made.schema)}.history order by id`;
    expect(rows.map((row) => row['finished_at'] - row['run_at'])).toEqual([55 * minute, 0]);
    const [schedule] = await use.sql`select ticks::int, last_lag from ${use.sql(made.schema)}.schedule`;
    expect(schedule).toEqual({ ticks: 2, last_lag: '00:00:00' });
  });

  it('goes by the wall clock of its time zone', async () => {
    const made = engine(use);
    const clock = await createTestClock(made.conductor, { now: new Date('2026-03-28T12:00:00Z') });
    const daily = { cron: '0 8 * * *', name: 'daily', timeZone: 'Europe/Berlin' };
    const { task, seen } = scheduled(made, daily);
    const one = made.orchestrator({ tasks: [task] });
    await one.drain();
    for (const now of ['2026-03-29T06:00:00Z', '2026-03-30T06:00:00Z']) {
      await clock.set(new Date(now));
      await one.drain();
    }
    expect(seen).toEqual([
      { name: 'daily', payload: { schedule: 'daily', dueAt: '2026-03-29T06:00:00.000Z' } },
      { name: 'daily', payload: { schedule: 'daily', dueAt: '2026-03-30T06:00:00.000Z' } },
    ]);
  });

  it('begins anew when its expression changes, and ends with its trigger', async () => {
    const made = engine(use);
    const clock = await createTestClock(made.conductor, { now: noon });
    const before = scheduled(made);
    const worker = made.orchestrator({ tasks: [before.task] });
    await worker.start();
    await worker.stop();
    const after = scheduled(made, { cron: '30 * * * *', name: 'often' });
    await clock.advance(10 * minute);
    const next = made.orchestrator({ tasks: [after.task] });
    await next.drain();
    expect([before.seen, after.seen]).toEqual([[], []]);
    await clock.advance(20 * minute);
    await next.drain();
    expect(after.seen).toEqual([occurrence('12:30')]);
    const bare = made.conductor.createTask({ name: 'report' }, { invocable: true }, async () => {});
    await made.orchestrator({ tasks: [bare] }).drain();
    expect(await use.sql`select from ${use.sql(made.schema)}.schedule`).toEqual([]);
  });

  it('runs by itself while an orchestrator works', async () => {
    const made = engine(use);
    const { task, seen } = scheduled(made, { cron: '* * * * * *', name: 'often' });
    await made.orchestrator({ tasks: [task] }).start();
    await waitFor(() => seen.length >= 2, { timeoutMs: 10_000 });
  });
});

onPostgres('a schedule that was made at run time', (use) => {
  it('invokes its task with its payload, and ends when it is asked to', async () => {
    const { conductor, orchestrator } = engine(use);
    const clock = await createTestClock(conductor, { now: noon });
    const seen: unknown[] = [];
    const remind = conductor.createTask(
      { name: 'remind' },
      { invocable: true },
      async (event) => void seen.push(event),
    );
    const ask = conductor.createTask({ name: 'ask' }, { invocable: true }, async (event, ctx) => {
      if (event.payload === 'stop') return { was: await ctx.unschedule({ name: 'remind' }, 'ada') };
      await ctx.schedule({ name: 'remind' }, { name: 'ada', cron: '0 * * * *' }, { user: 'ada' });
      return undefined;
    });
    const one = orchestrator({ tasks: [remind, ask] });
    await conductor.invoke({ name: 'ask' }, 'start');
    await one.drain();
    await clock.advance(60 * minute);
    await one.drain();
    expect(seen).toEqual([{ name: 'pgconductor.invoke', payload: { user: 'ada' } }]);
    await conductor.invoke({ name: 'ask' }, 'stop');
    await one.drain();
    await clock.advance(60 * minute);
    await one.drain();
    expect(seen).toHaveLength(1);
    expect(await conductor.unschedule({ name: 'remind' }, 'ada')).toBe(false);
  });

  it('is not touched by those of programs, nor they by it', async () => {
    const made = engine(use);
    const { conductor, orchestrator, schema } = made;
    const { task } = scheduled(made);
    const first = orchestrator({ tasks: [task] });
    await first.start();
    await conductor.schedule({ name: 'report' }, { name: 'often', cron: '5 * * * *' });
    await first.stop();
    await orchestrator({ tasks: [task] }).start();
    const names = async () =>
      (await use.sql`select cron from ${use.sql(schema)}.schedule order by cron`).map((row) => row['cron']);
    expect(await names()).toEqual(['*/10 * * * *', '5 * * * *']);
    await conductor.unschedule({ name: 'report' }, 'often');
    expect(await names()).toEqual(['*/10 * * * *']);
  });

  it('keeps its next tick when it is made again as it was', async () => {
    const { conductor, orchestrator } = engine(use);
    const clock = await createTestClock(conductor, { now: noon });
    const seen: unknown[] = [];
    const remind = conductor.createTask(
      { name: 'remind' },
      { invocable: true },
      async (event) => void seen.push(event.payload),
    );
    const one = orchestrator({ tasks: [remind] });
    await conductor.schedule({ name: 'remind' }, { name: 'x', cron: '0 * * * *' }, 1);
    await one.drain();
    await clock.advance(61 * minute);
    await conductor.schedule({ name: 'remind' }, { name: 'x', cron: '0 * * * *' }, 2);
    await one.drain();
    expect(seen).toEqual([2]);
  });
});

onPostgres('a time zone that Node knows and the database does not', (use) => {
  const timeZone = 'US/Pacific-New';
  const refused = {
    code: 'THROUGHLINE_PGCONDUCTOR_TRIGGER_INVALID',
    message: expect.stringContaining(`time zone "${timeZone}" not recognized`),
  };

  it('is refused for the trigger of a program', async () => {
    const made = engine(use);
    const { task } = scheduled(made, { ...everyTen, timeZone } as typeof everyTen);
    await expect(made.orchestrator({ tasks: [task] }).start()).rejects.toMatchObject(refused);
  });

  it('is refused for a schedule that is made at run time', async () => {
    const { conductor } = engine(use);
    const made = conductor.schedule({ name: 'x' }, { name: 'y', cron: '* * * * *', timeZone });
    await expect(made).rejects.toMatchObject(refused);
  });

  it('is refused for a window, which is not stored', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const window = { start: '22:00', end: '06:00', timeZone };
    const task = conductor.createTask({ name: 'tidy', window }, { invocable: true }, async () => {});
    await expect(orchestrator({ tasks: [task] }).start()).rejects.toMatchObject(refused);
    expect(await use.sql`select from ${use.sql(schema)}.task`).toEqual([]);
  });
});
