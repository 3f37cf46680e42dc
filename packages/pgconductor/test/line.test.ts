import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;

onPostgres('the line', (use) => {
  it('goes by priority, lower first, then by age, within a claim', async () => {
    const { conductor, orchestrator } = engine(use);
    const order: unknown[] = [];
    const task = conductor.createTask(
      { name: 'job' },
      invocable,
      async (event) => void order.push(event.payload),
    );
    for (const [payload, priority] of [
      ['a', 0],
      ['b', 5],
      ['c', -1],
      ['d', 0],
      ['e', -1],
    ] as const)
      await conductor.invoke({ name: 'job' }, payload, { priority });
    await orchestrator({ tasks: [task], concurrency: 5 }).drain();
    expect(order).toEqual(['c', 'e', 'a', 'd', 'b']);
  });

  it('is joined by a delayed execution when it is due', async () => {
    const { conductor, orchestrator, states, reached } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const soon = await conductor.invoke({ name: 'job' }, 1, { delayMs: 300 });
    const dated = await conductor.invoke({ name: 'job' }, 2, { runAt: new Date(Date.now() + 400) });
    const never = await conductor.invoke({ name: 'job' }, 3, { delayMs: 86_400_000 });
    await orchestrator({ tasks: [task] }).start();
    await reached(soon, 'completed');
    await reached(dated, 'completed');
    for (const id of [soon, dated]) {
      const { runAt, finishedAt } = (await conductor.get(String(id))) ?? {};
      expect(finishedAt?.getTime()).toBeGreaterThanOrEqual(Number(runAt));
    }
    expect((await states())[String(never)]).toBe('scheduled');
  });

  it('takes a moment in the past for now', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const id = await conductor.invoke({ name: 'job' }, 1, { runAt: new Date(0) });
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({ [String(id)]: 'completed' });
  });

  it('is left alone by orchestrators that do not know the task', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'known' }, invocable, async () => {});
    const id = await conductor.invoke({ name: 'unknown' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({ [String(id)]: 'ready' });
  });

  it('wakes an idle worker long before it would look by itself', async () => {
    const { conductor, orchestrator, reached, schema } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    await waitFor(async () => (await use.sql`select from ${use.sql(schema)}.idle_worker`).length === 1);
    await reached(await conductor.invoke({ name: 'job' }), 'completed');
    await waitFor(async () => (await use.sql`select from ${use.sql(schema)}.idle_worker`).length === 1);
    const id = await use.sql.begin((tx) => conductor.invoke({ name: 'job' }, undefined, { sql: tx }));
    await reached(id, 'completed');
  });

  it('is that of the queue to which a new version moved the task, also for what is tried again or waits for its key', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    let fail = (_: Error): void => {};
    const failing = new Promise<void>((_, reject) => {
      fail = reject;
    });
    const settings = { name: 'job', backoff: [0] };
    const before = conductor.createTask({ ...settings, queue: 'before' }, invocable, () => failing);
    const after = conductor.createTask({ ...settings, queue: 'after' }, invocable, async () => {});
    const old = orchestrator({ tasks: [before] });
    await old.start();
    const key = { dedupeKey: 'k' };
    const first = await conductor.invoke({ name: 'job' }, 1, key);
    await reached(first, 'running');
    const second = await conductor.invoke({ name: 'job' }, 2, key);
    const next = orchestrator({ tasks: [after] });
    await next.start();
    const stopped = old.stop();
    fail(new Error('odd'));
    await stopped;
    await next.drain();
    for (const id of [first, second])
      expect(await row('history', id)).toMatchObject({ outcome: 'completed', queue: 'after' });
  });

  it('is that of its task, also for an invocation that had not seen the move when it was committed', async () => {
    const { conductor, orchestrator, schema, states } = engine(use);
    const { sql } = use;
    const settings = { name: 'job', queue: 'before', concurrency: 1 };
    const before = conductor.createTask(settings, invocable, async () => {});
    const moved = conductor.createTask({ name: 'job', queue: 'after' }, invocable, async () => {});
    await orchestrator({ tasks: [before] }).drain();
    const stray = {
      enqueued_at: new Date(),
      run_at: new Date(),
      state: 'ready',
      queue: 'before',
      task: 'job',
      avail: true,
      gated: false,
      gate: null as string | null,
    };
    await orchestrator({ tasks: [moved] }).drain();
    const shut = { ...stray, state: 'gated', avail: false, gated: true, gate: '' };
    await sql`insert into ${sql(schema)}.execution ${sql([stray, shut])}`;
    await sql`update ${sql(schema)}.line_look set looked_at = '-infinity'`;
    await orchestrator({ tasks: [moved] }).start();
    await waitFor(async () => Object.values(await states()).every((state) => state === 'completed'));
  });

  it('is brought together without waiting for what somebody holds, which is found the next time', async () => {
    const { conductor, orchestrator, schema, row } = engine(use);
    const { sql } = use;
    const task = conductor.createTask({ name: 'job', queue: 'after' }, invocable, async () => {});
    await orchestrator({ tasks: [task] }).drain();
    const strays =
      await sql`insert into ${sql(schema)}.execution (enqueued_at, run_at, avail, state, queue, task)
      select now(), now(), true, 'ready', 'before', 'job' from generate_series(1, 2) returning id`;
    const [first = '', second = ''] = strays.map(({ id }) => id);
    const straighten = () =>
      sql.begin(async (tx) => {
        await tx`set local lock_timeout = '1s'`;
        await tx`update ${tx(schema)}.line_look set looked_at = '-infinity'`;
        await tx`select ${tx(schema)}.straighten_lines('{"queues":[]}')`;
      });
    await sql.begin(async (tx) => {
      await tx`select from ${tx(schema)}.execution where id = ${second} for update`;
      await straighten();
      expect(await row('execution', first)).toMatchObject({ queue: 'after' });
      expect(await row('execution', second)).toMatchObject({ queue: 'before' });
    });
    await straighten();
    expect(await row('execution', second)).toMatchObject({ queue: 'after' });
  });

  it('wakes an idle worker for what another one gives back', async () => {
    const { conductor, orchestrator, reached, schema } = engine(use);
    const { sql } = use;
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    await waitFor(async () => (await sql`select from ${sql(schema)}.idle_worker`).length === 1);
    const claim = { worker: 'other', queue: 'default', tasks: ['job'], leaseMs: 60_000, token: 'its' };
    const id = await sql.begin(async (tx) => {
      const made =
        await tx`insert into ${tx(schema)}.execution (enqueued_at, run_at, avail, state, queue, task)
        values (now(), now(), true, 'ready', 'default', 'job') returning id`;
      await tx`select ${tx(schema)}.claim(${JSON.stringify({ ...claim, limit: 1 })}::text::json)`;
      return String(made[0]?.id);
    });
    await reached(id, 'running');
    await sql`select ${sql(schema)}.claim(${JSON.stringify({ ...claim, limit: 0, isAgain: true })}::text::json)`;
    await reached(id, 'completed');
  });

  it('is looked at without being woken, too', async () => {
    const { conductor, orchestrator, reached, schema } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    await orchestrator({ tasks: [task], pollMs: 50 }).start();
    const request = JSON.stringify({ task: 'job', items: [{ payload: 1 }] });
    const [row] = await use.sql`select ${use.sql(schema)}.enqueue(${request}::text::json) as ids`;
    await reached(String(JSON.parse(row?.['ids'])[0]), 'completed');
  });

  it('puts tasks into the queue of the task, whoever invokes them', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'job', queue: 'mail' }, invocable, async () => {});
    const before = await conductor.invoke({ name: 'job' });
    const one = orchestrator({ tasks: [task] });
    await one.drain();
    const after = await conductor.invoke({ name: 'job' });
    await one.drain();
    expect(await states()).toEqual({ [String(before)]: 'completed', [String(after)]: 'completed' });
  });
});

onPostgres('the mark of an idle worker', (use) => {
  const marks = async () => {
    const { conductor, schema } = engine(use);
    const { sql } = use;
    await conductor.migrate();
    await sql`insert into ${sql(schema)}.worker (id, host, pid, queues, schema_version, started_at, until)
      values ('here', '', 1, '{}', '', now(), now() + interval '1 hour')`;
    return {
      claim: async (worker: string, limit: number) => {
        const request = { worker, queue: 'default', tasks: ['job'], limit, leaseMs: 60_000 };
        await sql`select ${sql(schema)}.claim(${JSON.stringify(request)}::text::json)`;
      },
      mark: (worker: string) => sql`insert into ${sql(schema)}.idle_worker values ('default', ${worker})`,
      recover: () => sql`select ${sql(schema)}.recover()`,
      marked: async () => {
        const rows = await sql`select worker from ${sql(schema)}.idle_worker`;
        return rows.map(({ worker }) => worker);
      },
    };
  };

  it('is made for one that finds nothing, unless it has left meanwhile', async () => {
    const { claim, marked } = await marks();
    await claim('here', 1);
    await claim('gone', 1);
    expect(await marked()).toEqual(['here']);
  });

  it('is not made for one that asks for nothing, but gives back', async () => {
    const { claim, marked } = await marks();
    await claim('here', 0);
    expect(await marked()).toEqual([]);
  });

  it('is removed when its worker is not there any more', async () => {
    const { mark, recover, marked } = await marks();
    await mark('here');
    await mark('gone');
    await recover();
    expect(await marked()).toEqual(['here']);
  });
});

onPostgres('a dedupe key', (use) => {
  it('is held by one waiting execution, whose payload, time and priority the last invocation decides', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'job' },
      invocable,
      async (event) => void seen.push(event.payload),
    );
    const first = await conductor.invoke({ name: 'job' }, 1, { dedupeKey: 'k', delayMs: 60_000 });
    const second = await conductor.invoke({ name: 'job' }, 2, { dedupeKey: 'k', priority: 7 });
    expect(second).toBe(first);
    expect(await row('execution', first)).toMatchObject({ priority: 7, state: 'ready', payload: 2 });
    await orchestrator({ tasks: [task] }).drain();
    expect(seen).toEqual([2]);
  });

  it('is another one for another task', async () => {
    const { conductor } = engine(use);
    const ids = await Promise.all(
      ['a', 'b'].map((name) => conductor.invoke({ name }, 1, { dedupeKey: 'k' })),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('is free again when its execution is over', async () => {
    const { conductor, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'job' },
      invocable,
      async (event) => void seen.push(event.payload),
    );
    const one = orchestrator({ tasks: [task] });
    for (const payload of [1, 2]) {
      await conductor.invoke({ name: 'job' }, payload, { dedupeKey: 'k' });
      await one.drain();
    }
    expect(seen).toEqual([1, 2]);
  });

  it('lets the last invocation that came during a run follow it', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const seen: unknown[] = [];
    const ids: (string | null)[] = [];
    const task = conductor.createTask({ name: 'job' }, invocable, async (event) => {
      seen.push(event.payload);
      if (event.payload !== 1) return;
      for (const payload of [2, 3])
        ids.push(await conductor.invoke({ name: 'job' }, payload, { dedupeKey: 'k' }));
    });
    const first = await conductor.invoke({ name: 'job' }, 1, { dedupeKey: 'k' });
    await orchestrator({ tasks: [task] }).drain();
    expect(seen).toEqual([1, 3]);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(first);
    expect(await states()).toEqual({ [String(first)]: 'completed', [String(ids[0])]: 'completed' });
  });

  it('lets it follow at once, long before a worker would look by itself', async () => {
    const { conductor, orchestrator, reached } = engine(use);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const task = conductor.createTask({ name: 'job' }, invocable, () => held);
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    const key = { dedupeKey: 'k' };
    const first = await conductor.invoke({ name: 'job' }, 1, key);
    await reached(first, 'running');
    const second = await conductor.invoke({ name: 'job' }, 2, key);
    release();
    await reached(second, 'completed');
  });

  it('lets it follow also when the run fails for good, and after the retries of a run that fails', async () => {
    const { conductor, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const backoff = { type: 'fixed', delayMs: 0 } as const;
    const task = conductor.createTask(
      { name: 'job', maxAttempts: 2, backoff },
      invocable,
      async (event, ctx) => {
        seen.push([event.payload, ctx.attempt]);
        if (event.payload === 1 && ctx.attempt === 1)
          await conductor.invoke({ name: 'job' }, 2, { dedupeKey: 'k' });
        if (event.payload === 1) throw new Error('no');
      },
    );
    await conductor.invoke({ name: 'job' }, 1, { dedupeKey: 'k' });
    await orchestrator({ tasks: [task] }).drain();
    expect(seen).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
  });

  it('does not replace what has kept steps: those belong to the payload that it began with', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'job', backoff: [60_000] },
      invocable,
      async ({ payload }, ctx) => {
        const charged = await ctx.step('charge', () => payload);
        if (ctx.attempt === 1 && payload === 'Ada') throw new Error('odd');
        seen.push([payload, charged]);
      },
    );
    const key = { dedupeKey: 'k' };
    const first = await conductor.invoke({ name: 'job' }, 'Ada', key);
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await reached(first, 'scheduled');
    const second = await conductor.invoke({ name: 'job' }, 'Bob', key);
    expect(second).not.toBe(first);
    expect(await row('execution', first)).toMatchObject({ payload: 'Ada', failures: 1 });
    await conductor.cancel(first ?? '');
    await one.drain();
    expect(seen).toEqual([['Bob', 'Bob']]);
  });

  it('may come twice in one list: the last one wins, both get its id', async () => {
    const { conductor, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'job' },
      invocable,
      async (event) => void seen.push(event.payload),
    );
    const ids = await conductor.invoke({ name: 'job' }, [
      { payload: 1, dedupeKey: 'k' },
      { payload: 2 },
      { payload: 3, dedupeKey: 'k' },
    ]);
    expect(ids[0]).toBe(ids[2]);
    expect(ids[1]).not.toBe(ids[0]);
    await orchestrator({ tasks: [task] }).drain();
    expect(seen.sort()).toEqual([2, 3]);
  });

  it('loses nothing to invocations from everywhere at once', async () => {
    const { conductor, orchestrator } = engine(use);
    const last = new Map<string, number>();
    const task = conductor.createTask({ name: 'job' }, invocable, async (event) => {
      const { key, n } = event.payload as { key: string; n: number };
      last.set(key, n);
    });
    const one = orchestrator({ tasks: [task], concurrency: 5 });
    await one.start();
    const keys = ['a', 'b', 'c'];
    for (let n = 1; n <= 30; n += 1)
      await Promise.all(keys.map((key) => conductor.invoke({ name: 'job' }, { key, n }, { dedupeKey: key })));
    await one.drain();
    expect(keys.map((key) => last.get(key))).toEqual([30, 30, 30]);
  });
});

onPostgres('throttle', (use) => {
  it('lets the first invocation of a window pass, also after it is over', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task] });
    const throttle = { windowMs: 60_000 };
    const first = await conductor.invoke({ name: 'job' }, 1, { throttle });
    expect(await conductor.invoke({ name: 'job' }, 2, { throttle })).toBeNull();
    await one.drain();
    expect(await conductor.invoke({ name: 'job' }, 3, { throttle })).toBeNull();
    expect(
      await conductor.invoke({ name: 'job' }, 4, { throttle: { ...throttle, key: 'other' } }),
    ).not.toBeNull();
    expect(first).not.toBeNull();
    await one.drain();
    expect(Object.keys(await states())).toHaveLength(2);
  });

  it('opens a new window when one is over', async () => {
    const { conductor } = engine(use);
    const throttle = { windowMs: 30 };
    await conductor.invoke({ name: 'job' }, 1, { throttle });
    await waitFor(async () => (await conductor.invoke({ name: 'job' }, 2, { throttle })) !== null);
  });

  it('answers in place, within a list', async () => {
    const { conductor } = engine(use);
    const throttle = { windowMs: 60_000 };
    const ids = await conductor.invoke({ name: 'job' }, [
      { payload: 1, throttle },
      { payload: 2, throttle },
      { payload: 3 },
    ]);
    expect([...(ids ?? [])].map((id) => id === null)).toEqual([false, true, false]);
  });
});

onPostgres('debounce', (use) => {
  it('runs the last one of a burst, once', async () => {
    const { conductor, orchestrator, reached } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'job' },
      invocable,
      async (event) => void seen.push(event.payload),
    );
    await orchestrator({ tasks: [task] }).start();
    const debounce = { delayMs: 400 };
    const ids: (string | null)[] = [];
    for (const payload of [1, 2, 3]) ids.push(await conductor.invoke({ name: 'job' }, payload, { debounce }));
    expect(new Set(ids).size).toBe(1);
    await reached(ids[0] ?? null, 'completed');
    expect(seen).toEqual([3]);
  });
});

onPostgres('cancel', (use) => {
  it('ends what waits, which never runs', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const ids = [
      await conductor.invoke({ name: 'job' }),
      await conductor.invoke({ name: 'job' }, 1, { delayMs: 9_000 }),
    ];
    for (const id of ids) expect(await conductor.cancel(id ?? '', { reason: 'not needed' })).toBe(true);
    await orchestrator({ tasks: [task] }).drain();
    for (const id of ids)
      expect(await row('history', id)).toMatchObject({
        outcome: 'canceled',
        attempt: 0,
        error: { message: 'not needed' },
      });
  });

  it('leaves nothing of a task that keeps nothing of what was cancelled', async () => {
    const { conductor, orchestrator, states, reached } = engine(use);
    const task = conductor.createTask({ name: 'gone', removeOnFail: true }, invocable, (_, ctx) =>
      ctx.sleep('long', 86_400_000),
    );
    const [key, later] = [{ dedupeKey: 'k' }, { delayMs: 86_400_000 }];
    const running = await conductor.invoke({ name: 'gone' }, 1, key);
    await orchestrator({ tasks: [task] }).start();
    await reached(running, 'sleeping');
    const ids = [
      await conductor.invoke({ name: 'gone' }, 2, key),
      running,
      await conductor.invoke({ name: 'gone' }, 3, later),
    ];
    for (const id of ids) expect(await conductor.cancel(id ?? '')).toBe(true);
    expect(await states()).toEqual({});
  });

  it('aborts the signal of what runs', async () => {
    const { conductor, orchestrator, row, reached } = engine(use);
    let running = false;
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      running = true;
      await new Promise((_resolve, reject) =>
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)),
      );
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    await waitFor(() => running);
    expect(await conductor.cancel(id ?? '', { reason: 'stop it' })).toBe(true);
    await reached(id, 'canceled');
    expect(await row('history', id)).toMatchObject({ error: { message: 'stop it' } });
  });

  it('keeps what fails after it from being tried again', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await conductor.cancel(ctx.executionId);
      throw new Error('another error');
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'canceled', attempt: 1 });
  });

  it('lets what completes all the same be completed', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async (_, ctx) => {
      await conductor.cancel(ctx.executionId);
      return 'done';
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', result: 'done' });
  });

  it('keeps a reason as far as it can be kept', async () => {
    const { conductor, row } = engine(use);
    const id = await conductor.invoke({ name: 'job' });
    await conductor.cancel(id ?? '', { reason: 'no\0 \ud800 😀' });
    expect(await row('history', id)).toMatchObject({ error: { message: 'no\ufffd \ufffd 😀' } });
  });

  it('says when there was nothing to cancel', async () => {
    const { conductor, orchestrator } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await conductor.cancel(id ?? '')).toBe(false);
    expect(await conductor.cancel('999999')).toBe(false);
    await expect(conductor.cancel("1'; drop")).rejects.toMatchObject({ code: 'THROUGHLINE_OPTION_INVALID' });
  });

  it('keeps the record of what waited for a dedupe key', async () => {
    const { conductor, orchestrator, row } = engine(use);
    let next: string | null = null;
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {
      next = await conductor.invoke({ name: 'job' }, 2, { dedupeKey: 'k' });
      expect(await conductor.cancel(next ?? '', { reason: 'not needed' })).toBe(true);
    });
    const id = await conductor.invoke({ name: 'job' }, 1, { dedupeKey: 'k' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'completed' });
    expect(await row('history', next)).toMatchObject({
      outcome: 'canceled',
      attempt: 0,
      dedupe_key: 'k',
      payload: 2,
      error: { message: 'not needed' },
    });
  });

  it('lets what waits for its dedupe key follow', async () => {
    const { conductor, orchestrator, states } = engine(use);
    let next: string | null = null;
    const task = conductor.createTask({ name: 'job' }, invocable, async (event, ctx) => {
      if (event.payload !== 1) return;
      next = await conductor.invoke({ name: 'job' }, 2, { dedupeKey: 'k' });
      await conductor.cancel(ctx.executionId);
      throw new Error('stopped');
    });
    const id = await conductor.invoke({ name: 'job' }, 1, { dedupeKey: 'k' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({ [String(id)]: 'canceled', [String(next)]: 'completed' });
  });
});
