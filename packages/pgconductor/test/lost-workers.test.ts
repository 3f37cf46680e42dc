import { waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;

/** As if the worker had been silent for longer than its lease. */
async function expireLeases(sql: postgres.Sql, schema: string): Promise<void> {
  await sql`update ${sql(schema)}.lease set until = ${sql(schema)}.clock() - interval '1 second'`;
}

/** A handler that waits until the test lets it go on. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

onPostgres('an execution whose worker is gone', (use) => {
  it('is taken over by another, and counts as a failure', async () => {
    const { conductor, orchestrator, schema, row, reached } = engine(use);
    const stuck = gate();
    const runs: number[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      runs.push(ctx.attempt);
      if (ctx.attempt === 1) await stuck.opened;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await waitFor(() => runs.length === 1);
    await expireLeases(use.sql, schema);
    await orchestrator({ tasks: [task], leaseMs: 1_000 }).start();
    await reached(id, 'completed');
    expect(runs).toEqual([1, 2]);
    expect(await row('history', id)).toMatchObject({ attempt: 2, failures: 1 });
    stuck.open();
  });

  it('is settled when its worker takes it over itself, and both runs end at once', async () => {
    const { conductor, orchestrator, schema, row, reached } = engine(use);
    const stuck = gate();
    const runs: number[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      runs.push(ctx.attempt);
      await stuck.opened;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await waitFor(() => runs.length === 1);
    await use.sql`update ${use.sql(schema)}.execution set lease = null, state = 'ready' where id = ${id}`;
    await waitFor(() => runs.length === 2);
    stuck.open();
    await reached(id, 'completed');
    expect(await row('history', id)).toMatchObject({ attempt: 2 });
  });

  it('has failed for good when that was its last attempt', async () => {
    const { conductor, orchestrator, schema, row, reached } = engine(use);
    const stuck = gate();
    let runs = 0;
    const task = conductor.createTask({ name: 'job', maxAttempts: 1 }, invocable, async () => {
      runs += 1;
      await stuck.opened;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).start();
    await waitFor(() => runs === 1);
    await expireLeases(use.sql, schema);
    await orchestrator({ tasks: [task], leaseMs: 1_000 }).start();
    await reached(id, 'failed');
    expect((await row('history', id))?.['error']).toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_LEASE_EXPIRED',
    });
    stuck.open();
  });

  it('is not changed by what that worker brings late', async () => {
    const { conductor, orchestrator, schema, row, reached } = engine(use);
    const [first, second] = [gate(), gate()];
    const runs: string[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      runs.push(ctx.executionId);
      if (ctx.attempt === 1) await first.opened;
      else await second.opened;
      return ctx.attempt;
    });
    const id = await conductor.invoke({ name: 'job' });
    const late = orchestrator({ tasks: [task] });
    await late.start();
    await waitFor(() => runs.length === 1);
    const stopped = late.stop(); // claims nothing more, so the next run is the other's
    await expireLeases(use.sql, schema);
    await orchestrator({ tasks: [task], leaseMs: 1_000 }).start();
    await waitFor(() => runs.length === 2);
    first.open();
    await stopped;
    expect(await row('execution', id)).toMatchObject({ state: 'running', attempt: 2 });
    second.open();
    await reached(id, 'completed');
    expect(await row('history', id)).toMatchObject({ result: 2 });
  });

  it('aborts its signal where it still runs', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const reasons: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      if (ctx.attempt > 1) return;
      await new Promise<void>((resolve) => {
        ctx.signal.addEventListener('abort', () => {
          reasons.push(ctx.signal.reason);
          resolve();
        });
      });
    });
    await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task], leaseMs: 1_000 }).start();
    await waitFor(async () => (await use.sql`select from ${use.sql(schema)}.lease`).length === 1);
    await use.sql`delete from ${use.sql(schema)}.lease`;
    await waitFor(() => reasons.length === 1);
    expect(reasons).toMatchObject([{ code: 'THROUGHLINE_PGCONDUCTOR_LEASE_LOST' }]);
  });
});

onPostgres('a lease', (use) => {
  it('is renewed while its work goes on', async () => {
    const { conductor, orchestrator, schema, row, reached } = engine(use);
    const stuck = gate();
    const runs: number[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      runs.push(ctx.attempt);
      await stuck.opened;
    });
    const id = await conductor.invoke({ name: 'job' });
    for (const one of [
      orchestrator({ tasks: [task], leaseMs: 1_000 }),
      orchestrator({ tasks: [task], leaseMs: 1_000 }),
    ])
      await one.start();
    await waitFor(() => runs.length === 1);
    const lease = use.sql`${use.sql(schema)}.lease`;
    const [first] = await use.sql`select until::text from ${lease}`;
    const outlived =
      () => use.sql`select from ${lease} where clock_timestamp() > ${first?.['until']}::timestamptz
      + interval '1 second' and until > clock_timestamp()`;
    await waitFor(async () => (await outlived()).length === 1, {
      what: 'two ends of the first lease to pass',
    });
    stuck.open();
    await reached(id, 'completed');
    expect(await row('history', id)).toMatchObject({ attempt: 1, failures: 0 });
  });
});

onPostgres('stop', (use) => {
  it('waits for handlers, and nothing runs twice', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const stuck = gate();
    let runs = 0;
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {
      runs += 1;
      await stuck.opened;
    });
    const id = await conductor.invoke({ name: 'job' });
    const stopping = orchestrator({ tasks: [task] });
    await stopping.start();
    await waitFor(() => runs === 1);
    const stopped = stopping.stop({ graceMs: 10_000 });
    await orchestrator({ tasks: [task] }).start();
    stuck.open();
    await stopped;
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', attempt: 1 });
    expect(runs).toBe(1);
  });

  it('aborts what is left after graceMs and gives it back', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    const runs: number[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      runs.push(ctx.attempt);
      if (ctx.attempt > 1) return;
      await new Promise((_resolve, reject) =>
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)),
      );
    });
    const id = await conductor.invoke({ name: 'job' });
    const stopping = orchestrator({ tasks: [task] });
    await stopping.start();
    await waitFor(() => runs.length === 1);
    await stopping.stop({ graceMs: 20 });
    expect(await row('execution', id)).toMatchObject({ state: 'ready', failures: 0, lease: null });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'completed');
    expect(runs).toEqual([1, 2]);
  });

  it('gives back what has been claimed and not started, as if it had never been claimed', async () => {
    const { conductor, invokeEach, orchestrator, schema } = engine(use);
    const stuck = gate();
    let runs = 0;
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {
      runs += 1;
      if (runs > 200) await stuck.opened;
    });
    await invokeEach('job', [...Array(400).keys()]);
    const stopping = orchestrator({ tasks: [task] });
    await stopping.start();
    await waitFor(() => runs === 210);
    const stopped = stopping.stop();
    stuck.open();
    await stopped;
    const rows = await use.sql`select distinct state, attempt, lease from ${use.sql(schema)}.execution`;
    expect([...rows]).toEqual([{ state: 'ready', attempt: 0, lease: null }]);
    expect((await use.sql`select from ${use.sql(schema)}.history`).length).toBe(runs);
  });

  it('leaves no trace of the worker', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await one.stop();
    await one.stop();
    for (const table of ['worker', 'idle_worker', 'signal', 'lease'])
      expect((await use.sql`select from ${use.sql(schema)}.${use.sql(table)}`).length).toBe(0);
  });

  it('can be followed by another start', async () => {
    const { conductor, orchestrator, reached } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await one.stop();
    await one.start();
    await reached(await conductor.invoke({ name: 'job' }), 'completed');
  });
});

onPostgres('history', (use) => {
  it('is removed when it has been kept long enough', async () => {
    const { conductor, orchestrator, schema, states } = engine(use);
    const kept = conductor.createTask({ name: 'kept', removeOnComplete: false }, invocable, async () => {});
    const old = conductor.createTask(
      { name: 'old', removeOnComplete: { days: 1 } },
      invocable,
      async () => {},
    );
    const ids = [await conductor.invoke({ name: 'kept' }), await conductor.invoke({ name: 'old' })];
    const one = orchestrator({ tasks: [kept, old] });
    await one.drain();
    expect(Object.keys(await states())).toHaveLength(2);
    await use.sql`update ${use.sql(schema)}.history set finished_at = finished_at - interval '2 days'`;
    await one.start();
    await waitFor(async () => Object.keys(await states()).length === 1);
    expect(await states()).toEqual({ [String(ids[0])]: 'completed' });
  });
});

onPostgres('what is remembered of throttles and events', (use) => {
  it('is removed when its time is over, all of it', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    await conductor.migrate();
    const { sql } = use;
    await sql`insert into ${sql(schema)}.event (name, emitted_at)
      select 'seen', now() - interval '8 days' from generate_series(1, 2500)`;
    await sql`insert into ${sql(schema)}.throttle select 'job', n::text, now() from generate_series(1, 2500) as n`;
    await orchestrator({ tasks: [task] }).start();
    const left = async (): Promise<unknown> => {
      const [row] = await sql`select (select count(*)::integer from ${sql(schema)}.event) as events,
        (select count(*)::integer from ${sql(schema)}.throttle) as throttles`;
      return row;
    };
    await waitFor(async () => JSON.stringify(await left()) === '{"events":0,"throttles":0}');
  });
});

interface Forsaken {
  readonly leases: number;
  readonly emptyLeases?: number;
  readonly slots?: number;
  readonly maxAttempts?: number;
}

onPostgres('a worker that is gone', (use) => {
  /** Executions that were claimed by a worker that is no more, after leases of it that hold nothing. */
  const forsaken = async (options: Forsaken) => {
    const world = engine(use);
    const { conductor, schema, invokeEach, orchestrator } = world;
    const { sql } = use;
    const { leases, emptyLeases = 0, slots = leases * 500, maxAttempts = 1 } = options;
    const task = conductor.createTask({ name: 'job', maxAttempts }, invocable, async () => {});
    const one = orchestrator({ tasks: [task], leaseMs: 60_000 });
    await one.drain();
    await invokeEach('job', [...Array(leases * 500).keys()]);
    await sql`insert into ${sql(schema)}.lease (id, worker, queue, token, until, slots, executions)
      select nextval(${`"${schema.replaceAll('"', '""')}".lease_id`}), 'gone', 'default', '', now(), 1, '{}'
      from generate_series(1, ${emptyLeases})`;
    for (let lease = 0; lease < leases; lease += 1)
      await sql.unsafe(`select "${schema.replaceAll('"', '""')}".claim($1::text::json)`, [
        JSON.stringify({ worker: 'gone', queue: 'default', tasks: ['job'], limit: 500, leaseMs: 0, slots }),
      ]);
    return { ...world, one, task };
  };

  it('leaves nothing behind empty leases that has to wait for them', async () => {
    const { orchestrator, task, states } = await forsaken({ leases: 1, emptyLeases: 200 });
    await orchestrator({ tasks: [task], leaseMs: 60_000 }).start();
    await waitFor(async () => Object.values(await states()).every((state) => state === 'failed'));
  });

  it('counts as a failure for what it may have run, and for nothing that waited behind that', async () => {
    const { orchestrator, task, schema } = await forsaken({ leases: 2, slots: 3, maxAttempts: 2 });
    await orchestrator({ tasks: [task], leaseMs: 60_000 }).drain();
    const ended =
      await use.sql`select failures, attempt, outcome from ${use.sql(schema)}.history order by id`;
    expect(ended.slice(0, 4)).toEqual([
      ...Array(3).fill({ failures: 1, attempt: 2, outcome: 'completed' }),
      { failures: 0, attempt: 2, outcome: 'completed' },
    ]);
    expect(ended.filter(({ failures }) => failures === 0).length).toBe(2 * 500 - 3);
  });

  it('fails everything that may be tried once only, for nobody knows whether it was', async () => {
    const { orchestrator, task, states } = await forsaken({ leases: 1, slots: 3 });
    await orchestrator({ tasks: [task], leaseMs: 60_000 }).drain();
    expect(new Set(Object.values(await states()))).toEqual(new Set(['failed']));
  });

  it('is told of in a moment where somebody tells, however much it held', async () => {
    const { schema } = await forsaken({ leases: 10 });
    const { sql } = use;
    await sql`insert into ${sql(schema)}.worker (id, host, pid, queues, schema_version, started_at, until, tells)
      values ('telling', '', 1, '{}', '', now(), now() + interval '1 hour', true)`;
    await sql`select ${sql(schema)}.recover()`;
    const [noted] = await sql`select count(*)::integer as count from ${sql(schema)}.ending`;
    expect(noted).toEqual({ count: 5_000 });
  });
});

onPostgres('a broken connection', (use) => {
  it('loses nothing and runs nothing twice', async () => {
    const { conductor, invokeEach, orchestrator, states } = engine(use);
    const runs = new Map<string, number>();
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      runs.set(ctx.executionId, (runs.get(ctx.executionId) ?? 0) + 1);
    });
    await invokeEach('job', [...Array(5_000).keys()]);
    const one = orchestrator({ tasks: [task], batchSize: 50 });
    const drained = one.drain();
    const killer = postgres(use.url, { max: 1 });
    for (let cuts = 0; cuts < 5; cuts += 1) {
      const before = runs.size;
      await waitFor(() => runs.size > before || runs.size === 5_000);
      await killer`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend'
          and pid <> pg_backend_pid() and query like '%complete%'`;
    }
    await killer.end();
    await drained;
    const ends = Object.values(await states());
    expect(ends.length).toBe(5_000);
    expect(new Set(ends)).toEqual(new Set(['completed']));
    expect([...runs.values()].every((count) => count === 1)).toBe(true);
  });
});
