import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../src/index.ts';
import { createTestClock } from '../src/testing/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const created = { event: 'user.created' } as const;

onPostgres('an event', (use) => {
  it('starts every task that listens to it, with what it brings', async () => {
    const { conductor, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const handler = (name: string) => async (event: unknown) => void seen.push([name, event]);
    const tasks = ['greet', 'bill'].map((name) => conductor.createTask({ name }, created, handler(name)));
    const one = orchestrator({ tasks });
    await one.start();
    await conductor.emit('user.created', { id: 7 });
    await one.drain();
    const event = { name: 'user.created', payload: { id: 7 } };
    expect(seen.sort()).toEqual([
      ['bill', event],
      ['greet', event],
    ]);
  });

  it('starts only those whose condition holds, and gives them the fields that they ask for', async () => {
    const { conductor, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const trigger = { ...created, when: `payload->>'plan' = 'pro'`, fields: ['id', 'none'] };
    const task = conductor.createTask(
      { name: 'greet' },
      trigger,
      async (event) => void seen.push(event.payload),
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await conductor.emit('user.created', { id: 1, plan: 'free' });
    await conductor.emit('user.created', { id: 2, plan: 'pro' });
    await conductor.emit('user.created', { id: 3 });
    await one.drain();
    expect(seen).toEqual([{ id: 2 }]);
  });

  it.each([[undefined], [null], [0], ['text'], [[1]]])('brings %j as it was given', async (payload) => {
    const { conductor, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'greet' },
      created,
      async (event) => void seen.push(event.payload),
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await conductor.emit('user.created', payload);
    await one.drain();
    expect(seen).toEqual([payload]);
  });

  it('happens when the transaction of its caller commits, and not when it does not', async () => {
    const { conductor, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'greet' },
      created,
      async (event) => void seen.push(event.payload),
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await use.sql.begin((tx) => conductor.emit('user.created', 'kept', { sql: tx }));
    const undone = use.sql.begin(async (tx) => {
      await conductor.emit('user.created', 'undone', { sql: tx });
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    await one.drain();
    expect(seen).toEqual(['kept']);
  });

  it('is emitted by handlers, too', async () => {
    const { conductor, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const greet = conductor.createTask(
      { name: 'greet' },
      created,
      async (event) => void seen.push(event.payload),
    );
    const signUp = conductor.createTask({ name: 'sign-up' }, { invocable: true }, (_, ctx) =>
      ctx.emit('user.created', 5),
    );
    await conductor.invoke({ name: 'sign-up' });
    await orchestrator({ tasks: [greet, signUp] }).drain();
    expect(seen).toEqual([5]);
  });

  it('is refused when its payload does not fit, and validated again when it runs', async () => {
    const events = [defineEvent({ name: 'user.created', payload: z.object({ id: z.number() }) })] as const;
    const { conductor, orchestrator, schema, states } = engine(use, { events });
    const task = conductor.createTask({ name: 'greet' }, created, async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await expect(conductor.emit('user.created', { id: 'seven' })).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID',
      of: 'user.created',
    });
    await expect(conductor.emit('user.creted', {})).rejects.toThrow('emit.event');
    await use.sql`select ${use.sql(schema)}.emit('{"event":"user.created","payload":{"id":"seven"}}')`;
    await one.drain();
    expect(Object.values(await states())).toEqual(['failed']);
  });

  it('is kept with its carrier, which what it triggers inherits', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const task = conductor.createTask({ name: 'greet' }, created, async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await one.stop();
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03' };
    const request = JSON.stringify({ event: 'user.created', payload: 1, trace });
    await use.sql`select ${use.sql(schema)}.emit(${request}::text::json)`;
    const [event] = await use.sql`select trace_context from ${use.sql(schema)}.event`;
    const [execution] = await use.sql`select trace_context, trigger from ${use.sql(schema)}.execution`;
    expect(event).toEqual({ trace_context: trace });
    expect(execution).toEqual({ trace_context: trace, trigger: 'user.created' });
  });
});

onPostgres('the condition of an event trigger', (use) => {
  it('counts as false when it fails, which is told', async () => {
    const told: { task: string; trigger: string; count: number }[] = [];
    const warn = (message: string, fields: unknown) =>
      message.includes('condition of a trigger failed') && told.push(fields as (typeof told)[0]);
    const logger = { debug() {}, info() {}, warn, error() {} };
    const { conductor, orchestrator, states } = engine(use, { logger });
    const broken = conductor.createTask(
      { name: 'broken' },
      { ...created, when: `(payload->>'id')::int > 0` },
      async () => {},
    );
    const fine = conductor.createTask({ name: 'fine' }, created, async () => {});
    const one = orchestrator({ tasks: [broken, fine] });
    await one.start();
    await conductor.emit('user.created', { id: 'seven' });
    await conductor.emit('user.created', { id: 'eight' });
    await one.drain();
    expect(Object.values(await states())).toEqual(['completed', 'completed']);
    const count = () => told.reduce((sum, one) => sum + one.count, 0);
    await waitFor(() => count() === 2, { timeoutMs: 15_000 });
    expect(told[0]).toMatchObject({ task: 'broken', trigger: 'user.created' });
  });

  it.each([
    ['no boolean', `payload->>'id'`],
    ['no SQL', 'payload is'],
    ['another statement', 'true); drop table event; select (true'],
    ['a comment that hides the rest', 'true) --'],
    ['a column that there is not', 'plan = 1'],
  ])('is refused at the start when it is %s', async (_, when) => {
    const { conductor, orchestrator, schema } = engine(use);
    const task = conductor.createTask({ name: 'greet' }, { ...created, when }, async () => {});
    const one = orchestrator({ tasks: [task] });
    await expect(one.start()).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_TRIGGER_INVALID',
      task: 'greet',
      trigger: 'user.created',
    });
    const [row] = await use.sql`select to_regclass(${`"${schema.replaceAll('"', '""')}".event`}) as name`;
    expect(row?.['name']).not.toBeNull();
  });
});

onPostgres('versions of a program side by side', (use) => {
  it('have one subscription: that of the version that came last', async () => {
    const { conductor, orchestrator, states, row } = engine(use);
    const version = (fields: string[]) =>
      orchestrator({
        tasks: [conductor.createTask({ name: 'greet' }, { ...created, fields }, async () => {})],
      });
    const [before, after, again] = [version(['a']), version(['b']), version(['a'])];
    await before.start();
    await after.start();
    await again.start(); // one of the old version that starts late changes nothing
    await conductor.emit('user.created', { a: 1, b: 2 });
    await after.drain();
    const ids = Object.keys(await states());
    expect(ids).toHaveLength(1);
    expect(await row('history', ids[0] ?? '')).toMatchObject({ payload: { b: 2 } });
  });

  it('lose a subscription when nobody has it who runs the task, and not while nobody runs it', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const listening = orchestrator({
      tasks: [conductor.createTask({ name: 'greet' }, created, async () => {})],
    });
    const deaf = orchestrator({
      tasks: [conductor.createTask({ name: 'greet' }, { invocable: true }, async () => {})],
    });
    await listening.start();
    await listening.stop();
    await conductor.emit('user.created', 1);
    expect(Object.values(await states())).toEqual(['ready']);
    await deaf.start();
    await conductor.emit('user.created', 2);
    await deaf.drain();
    expect(Object.values(await states())).toEqual(['completed']);
  });
});

onPostgres('a worker that was taken for gone', (use) => {
  it('tells of its triggers again', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const task = conductor.createTask({ name: 'greet' }, created, async () => {});
    await orchestrator({ tasks: [task] }).start();
    await use.sql`delete from ${use.sql(schema)}.worker`;
    await waitFor(
      async () =>
        (await use.sql`select from ${use.sql(schema)}.worker_trigger where trigger is not null`).length === 1,
      { timeoutMs: 15_000 },
    );
  });
});

onPostgres('an event that is waited for', (use) => {
  it('is heard although neither transaction could see the other', async () => {
    const { conductor, orchestrator, reached, schema } = engine(use);
    const waiting = conductor.createTask({ name: 'wait' }, { invocable: true }, (_, ctx) =>
      ctx.waitForEvent('paid', { event: 'paid', matching: { order: 5 } }),
    );
    await orchestrator({ tasks: [waiting] }).start();
    const id = await use.sql.begin(async (tx) => {
      await conductor.emit('paid', { order: 4 }, { sql: tx });
      await conductor.emit('paid', { order: 5, by: 'card' }, { sql: tx });
      const made = await conductor.invoke({ name: 'wait' });
      await reached(made, 'waiting'); // began before the event happened, which is when this transaction commits
      return made;
    });
    await reached(id, 'completed');
    expect((await conductor.get(id ?? ''))?.result).toEqual({ order: 5, by: 'card' });
    expect(await use.sql`select from ${use.sql(schema)}.event_wait`).toEqual([]);
  });

  it('does not count when it happened before', async () => {
    const { conductor, orchestrator, reached, schema, states } = engine(use);
    const waiting = conductor.createTask({ name: 'wait' }, { invocable: true }, (_, ctx) =>
      ctx.waitForEvent('paid', { event: 'paid' }),
    );
    await conductor.emit('paid', 'early');
    const one = orchestrator({ tasks: [waiting] });
    await one.start();
    const id = await conductor.invoke({ name: 'wait' });
    await reached(id, 'waiting');
    await waitFor(
      async () => (await use.sql`select from ${use.sql(schema)}.event_wait where swept`).length === 1,
    );
    expect(Object.values(await states())).toEqual(['waiting']);
    await conductor.emit('paid', 'in time');
    await reached(id, 'completed');
  });
});

onPostgres('what is kept of events', (use) => {
  it('is removed after seven days, by and by, and windows of throttles when they are over', async () => {
    const { conductor, schema } = engine(use);
    const clock = await createTestClock(conductor, { now: new Date('2026-03-01T12:00:00Z') });
    for (const day of [1, 2, 3]) await conductor.emit('tick', day);
    await conductor.invoke(
      { name: 'mail' },
      [1, 2].map((n) => ({ throttle: { windowMs: 1_000, key: `k${n}` } })),
    );
    await clock.advance(7 * 86_400_000 + 1);
    await conductor.emit('tick', 4);
    const { sql } = use;
    const left = async () => {
      await sql`select ${sql(schema)}.prune(2)`;
      const [row] = await sql`select (select count(*)::int from ${sql(schema)}.event) as events,
        (select count(*)::int from ${sql(schema)}.throttle) as windows`;
      return row;
    };
    expect(await left()).toEqual({ events: 2, windows: 0 });
    expect(await left()).toEqual({ events: 1, windows: 0 });
    expect(await left()).toEqual({ events: 1, windows: 0 });
  });
});
