import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import type { TimeWindow } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;

/** Counts how many runs there are at a time, by key. */
function counter(): { most(key?: string): number; enter(key?: string): () => void; readonly total: number } {
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  let total = 0;
  return {
    get total() {
      return total;
    },
    most: (key = '') => most.get(key) ?? 0,
    enter(key = '') {
      total += 1;
      now.set(key, (now.get(key) ?? 0) + 1);
      most.set(key, Math.max(most.get(key) ?? 0, now.get(key) ?? 0));
      return () => now.set(key, (now.get(key) ?? 0) - 1);
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

onPostgres('concurrency', (use) => {
  it('holds over all orchestrators, and everything runs', async () => {
    const { conductor, invokeEach, orchestrator, states } = engine(use);
    const runs = counter();
    const task = conductor.createTask({ name: 'job', concurrency: 3 }, invocable, async () => {
      const leave = runs.enter();
      await turn();
      leave();
    });
    const all = [1, 2].map(() => orchestrator({ tasks: [task], concurrency: 20 }));
    await Promise.all(all.map((one) => one.start()));
    await invokeEach('job', [...Array(200).keys()]);
    await Promise.all(all.map((one) => one.drain()));
    expect(runs.most()).toBe(3);
    expect(runs.total).toBe(200);
    expect(new Set(Object.values(await states()))).toEqual(new Set(['completed']));
  });

  it('lets executions in by priority, then by age', async () => {
    const { conductor, orchestrator } = engine(use);
    const order: unknown[] = [];
    const task = conductor.createTask({ name: 'job', concurrency: 1 }, invocable, async (event) => {
      order.push(event.payload);
    });
    const one = orchestrator({ tasks: [task] });
    await one.drain();
    for (const [payload, priority] of [
      ['first', 0],
      ['b', 5],
      ['c', -1],
      ['d', 5],
    ] as const)
      await conductor.invoke({ name: 'job' }, payload, { priority });
    await one.drain();
    expect(order).toEqual(['first', 'c', 'b', 'd']);
  });

  it('lets the next one run at once, long before a worker would look by itself', async () => {
    const { conductor, orchestrator, invokeEach, reached } = engine(use);
    const task = conductor.createTask({ name: 'job', concurrency: 1 }, invocable, async () => {});
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    const ids = await invokeEach('job', [1, 2, 3, 4, 5]);
    for (const id of ids) await reached(id, 'completed');
  });

  it('is counted for each key by itself', async () => {
    const { conductor, invokeEach, orchestrator } = engine(use);
    const runs = counter();
    const settings = { name: 'job', concurrency: 2, concurrencyKey: 'tenant.id' };
    const task = conductor.createTask(settings, invocable, async (event) => {
      const leave = runs.enter((event.payload as { tenant?: { id: string } }).tenant?.id);
      await turn();
      leave();
    });
    const one = orchestrator({ tasks: [task], concurrency: 50 });
    await one.start();
    await invokeEach(
      'job',
      [...Array(120).keys()].map((n) => (n % 4 === 3 ? {} : { tenant: { id: `t${n % 4}` } })),
    );
    await one.drain();
    expect(['t0', 't1', 't2', ''].map((key) => runs.most(key))).toEqual([2, 2, 2, 2]);
    expect(runs.total).toBe(120);
  });

  it.each([
    ['retries', { type: 'fixed', delayMs: 0 }],
    ['delayed retries', { type: 'fixed', delayMs: 30, jitter: 0 }],
  ] as const)('holds through %s, and failing ones free their place', async (_, backoff) => {
    const { conductor, invokeEach, orchestrator, states } = engine(use);
    const runs = counter();
    const task = conductor.createTask(
      { name: 'job', concurrency: 1, backoff },
      invocable,
      async (__, ctx) => {
        const leave = runs.enter();
        await turn();
        leave();
        if (ctx.attempt === 1) throw new Error('once more');
      },
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    const ids = await invokeEach('job', [...Array(10).keys()]);
    await waitFor(
      async () => {
        const ends = await states();
        return ids.every((id) => ends[String(id)] === 'completed');
      },
      { timeoutMs: 15_000 },
    );
    expect(runs.most()).toBe(1);
    expect(runs.total).toBe(20);
  });

  it('is given back by a worker that is gone', async () => {
    const { conductor, orchestrator, schema, reached } = engine(use);
    let stuck = 0;
    let letGo = (): void => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const task = conductor.createTask({ name: 'job', concurrency: 1 }, invocable, async (event) => {
      if (event.payload === 'stuck' && stuck++ === 0) await released;
    });
    const gone = orchestrator({ tasks: [task] });
    await gone.start();
    await conductor.invoke({ name: 'job' }, 'stuck');
    await waitFor(() => stuck === 1);
    const next = await conductor.invoke({ name: 'job' }, 'next');
    await use.sql`update ${use.sql(schema)}.lease set until = now() - interval '1 second'`;
    await orchestrator({ tasks: [task], leaseMs: 1_000 }).start();
    await reached(next, 'completed');
    letGo();
  });

  it('is given back by what is cancelled', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'job', concurrency: 1 }, invocable, async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.drain();
    const ids = [await conductor.invoke({ name: 'job' }, 1), await conductor.invoke({ name: 'job' }, 2)];
    expect(Object.values(await states())).toEqual(['ready', 'gated']);
    await conductor.cancel(ids[0] ?? '');
    expect((await states())[String(ids[1])]).toBe('ready');
  });

  it('holds for what was invoked in a transaction, and for what was invoked before anybody knew of it', async () => {
    const { conductor, invokeEach, orchestrator, states } = engine(use);
    const runs = counter();
    await invokeEach('job', [...Array(20).keys()]);
    const task = conductor.createTask({ name: 'job', concurrency: 2 }, invocable, async () => {
      const leave = runs.enter();
      await turn();
      leave();
    });
    const one = orchestrator({ tasks: [task] });
    await one.drain();
    await use.sql.begin(async (tx) => {
      for (let n = 0; n < 20; n += 1) await conductor.invoke({ name: 'job' }, n, { sql: tx });
    });
    await one.drain();
    expect(runs.most()).toBe(2);
    expect(runs.total).toBe(40);
    expect(new Set(Object.values(await states()))).toEqual(new Set(['completed']));
  });

  it('ends when the task has no limit any more', async () => {
    const { conductor, invokeEach, orchestrator, states } = engine(use);
    const limited = conductor.createTask({ name: 'job', concurrency: 1 }, invocable, async () => {});
    await orchestrator({ tasks: [limited] }).drain();
    await invokeEach('job', [1, 2, 3]);
    const free = conductor.createTask({ name: 'job' }, invocable, async () => {});
    await orchestrator({ tasks: [free] }).drain();
    expect(new Set(Object.values(await states()))).toEqual(new Set(['completed']));
  });

  it.each([
    ['its task is registered without a limit', 'register'],
    ['it stood at a gate that is no more', 'straighten_lines'],
    ['the limit was raised', 'admit_everywhere'],
  ])('wakes an idle worker for what it lets go because %s', async (_, name) => {
    const { conductor, invokeEach, orchestrator, reached, schema } = engine(use);
    const { sql } = use;
    const free = conductor.createTask({ name: 'job' }, invocable, async () => {});
    await orchestrator({ tasks: [free], pollMs: 60_000 }).start();
    const limited = conductor.createTask({ name: 'job', concurrency: 1 }, invocable, async () => {});
    await orchestrator({ tasks: [limited] }).drain();
    await sql`insert into ${sql(schema)}.execution (enqueued_at, run_at, avail, state, queue, task, gate, lease)
      values (now(), now(), true, 'running', 'default', 'job', '', 4711)`;
    const [id = null] = await invokeEach('job', [1]);
    await reached(id, 'gated');
    await waitFor(async () => (await sql`select from ${sql(schema)}.idle_worker`).length === 1);
    const change = {
      register: () => {
        const settings = { name: 'job', queue: 'default', maxAttempts: 3, gate: 'none', gatePath: [] };
        const worker = { worker: 'w', host: '', pid: 1, schemaVersion: '', leaseMs: 60_000 };
        const request = JSON.stringify({ ...worker, queues: ['default'], tasks: [settings] });
        return sql`select ${sql(schema)}.register(${request}::text::json)`;
      },
      straighten_lines: async () => {
        await sql`update ${sql(schema)}.task set gate = 'none', concurrency = null`;
        await sql`update ${sql(schema)}.line_look set looked_at = '-infinity'`;
        await sql`select ${sql(schema)}.straighten_lines('{"queues":[]}')`;
      },
      admit_everywhere: async () => {
        await sql`update ${sql(schema)}.task set concurrency = 2`;
        await sql`select ${sql(schema)}.admit_everywhere()`;
      },
    }[name];
    await change?.();
    await reached(id, 'completed');
  });

  it('is that of the new settings also for what somebody holds while they change', async () => {
    const { conductor, invokeEach, orchestrator, row, schema } = engine(use);
    const { sql } = use;
    const own = { name: 'job', concurrency: 1 };
    const limited = conductor.createTask(own, invocable, async () => {});
    await orchestrator({ tasks: [limited] }).drain();
    const keyed = conductor.createTask({ ...own, concurrencyKey: 'tenant' }, invocable, async () => {});
    const [, id = null] = await invokeEach('job', [{ tenant: 'a' }, { tenant: 'b' }]);
    let drained: Promise<void> | undefined;
    await sql.begin(async (tx) => {
      await tx`select from ${tx(schema)}.execution where id = ${id} for update`;
      drained = orchestrator({ tasks: [keyed] }).drain();
      const waiting = () => sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%register%'`;
      await waitFor(async () => (await waiting()).length === 1, { what: 'the new settings to wait' });
    });
    await drained;
    expect(await row('history', id)).toMatchObject({ outcome: 'completed' });
  });

  it('costs other tasks of the queue nothing', async () => {
    const { conductor, invokeEach, orchestrator, schema } = engine(use);
    const limited = conductor.createTask({ name: 'limited', concurrency: 1 }, invocable, async () => {});
    const free = conductor.createTask({ name: 'free' }, invocable, async () => {});
    await orchestrator({ tasks: [limited] }).drain();
    await invokeEach('limited', [1, 2, 3]);
    await orchestrator({ tasks: [free] }).drain();
    const id = await conductor.invoke({ name: 'free' });
    const rows = await use.sql`select gate, gated, avail from ${use.sql(schema)}.execution where id = ${id}`;
    expect([...rows]).toEqual([{ gate: null, gated: false, avail: true }]);
  });
});

onPostgres('a window', (use) => {
  const clockTime = (at: number): string => new Date(at).toISOString().slice(11, 16);
  const hour = 3_600_000;

  it.each([
    ['is open', -1, 1],
    ['is open over midnight or not', -12, 1],
  ])('lets executions run while it %s', async (_, from, to) => {
    const { conductor, invokeEach, orchestrator, states } = engine(use);
    const window: TimeWindow = {
      start: clockTime(Date.now() + from * hour),
      end: clockTime(Date.now() + to * hour),
    };
    const task = conductor.createTask({ name: 'job', window }, invocable, async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    const ids = await invokeEach('job', [...Array(30).keys()]);
    await one.drain();
    const ends = await states();
    expect(ids.every((id) => ends[String(id)] === 'completed')).toBe(true);
  });

  it('keeps them waiting while it is closed, in its own time zone', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const start = clockTime(Date.now() + 2 * hour);
    const end = clockTime(Date.now() + 3 * hour);
    const closed = conductor.createTask(
      { name: 'closed', window: { start, end } },
      invocable,
      async () => {},
    );
    // Kathmandu is 5:45 ahead, so the same hours are open there when it is that much later by our clock.
    const there = (at: number): string => clockTime(at + 5.75 * hour);
    const window: TimeWindow = {
      start: there(Date.now() - hour),
      end: there(Date.now() + hour),
      timeZone: 'Asia/Kathmandu',
    };
    const open = conductor.createTask({ name: 'open', window }, invocable, async () => {});
    const one = orchestrator({ tasks: [closed, open] });
    await one.drain();
    const ids = [await conductor.invoke({ name: 'closed' }), await conductor.invoke({ name: 'open' })];
    await one.drain();
    const ends = await states();
    expect(ids.map((id) => ends[String(id)])).toEqual(['gated', 'completed']);
  });

  it('lets in what waits when it opens', async () => {
    const { conductor, orchestrator, schema, reached } = engine(use);
    const start = clockTime(Date.now() + 2 * hour);
    const end = clockTime(Date.now() + 3 * hour);
    const task = conductor.createTask({ name: 'job', window: { start, end } }, invocable, async () => {});
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    const id = await conductor.invoke({ name: 'job' });
    await reached(id, 'gated');
    const opened = JSON.stringify({
      startMinute: 0,
      endMinute: 1_440,
      timeZone: 'UTC',
      days: [0, 1, 2, 3, 4, 5, 6],
    });
    await use.sql`update ${use.sql(schema)}.task set hours = ${opened}::text::json`;
    await reached(id, 'completed');
  });
});
