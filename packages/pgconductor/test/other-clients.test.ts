import { randomUUID } from 'node:crypto';
import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;

onPostgres('a client that speaks SQL only', (use) => {
  /** As psql would: one statement, no parameters. */
  const psql = async (schema: string, text: string) => {
    const rows = await use.sql
      .unsafe(text.replaceAll('pgconductor.', `"${schema.replaceAll('"', '""')}".`))
      .simple();
    return rows.map((row) => Object.values(row)[0]);
  };

  it('invokes a task, which wakes a worker', async () => {
    const { conductor, schema, orchestrator, reached } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'send-mail', queue: 'mail' },
      invocable,
      async (event) => void seen.push(event),
    );
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    await waitFor(async () => (await use.sql`select from ${use.sql(schema)}.idle_worker`).length === 1);
    const [id] = await psql(
      schema,
      `select pgconductor.invoke('{"task": "send-mail", "payload": {"to": "ada@example.org"}}')`,
    );
    await reached(String(id), 'completed');
    expect(seen).toEqual([{ name: 'pgconductor.invoke', payload: { to: 'ada@example.org' } }]);
  });

  it('says when, how urgent, and with which key, and passes its trace on', async () => {
    const { conductor, schema, row } = engine(use);
    await conductor.migrate();
    const invoke = (task: string) =>
      psql(
        schema,
        `select pgconductor.invoke('{"task": "${task}", "queue": "mail", "payload": [1], "delayMs": 60000, "priority": -2,
          "dedupeKey": "ada", "trace": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}')`,
      );
    const [id] = await invoke('send-mail');
    expect(await invoke('send-mail')).toEqual([id]);
    expect(await row('execution', String(id))).toMatchObject({
      queue: 'mail',
      priority: -2,
      state: 'scheduled',
      dedupe_key: 'ada',
      payload: [1],
      trace_context: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
  });

  it('invokes many at once, and is told of each in order', async () => {
    const { conductor, schema, states } = engine(use);
    await conductor.migrate();
    const ids = await psql(
      schema,
      `select pgconductor.invoke('{"task": "mail", "items": [{"payload": 1, "throttle": {"windowMs": 60000}},
        {"payload": 2, "throttle": {"windowMs": 60000}}, {}, {"runAt": "2100-01-01T00:00:00Z", "payload": null},
        {"debounce": {"delayMs": 1000}}]}')`,
    );
    expect(ids).toEqual([
      expect.any(String),
      null,
      expect.any(String),
      expect.any(String),
      expect.any(String),
    ]);
    expect(Object.values(await states()).sort()).toEqual(['ready', 'ready', 'scheduled', 'scheduled']);
  });

  it('leaves nothing when its transaction is rolled back', async () => {
    const { conductor, schema, states } = engine(use);
    await conductor.migrate();
    const undone = use.sql.begin(async (tx) => {
      await tx`select ${tx(schema)}.invoke('{"task": "mail"}')`;
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    expect(await states()).toEqual({});
  });

  it('needs no other rights than those that the guide names', async () => {
    const { conductor, schema, states } = engine(use);
    await conductor.migrate();
    const { sql } = use;
    const role = `client ${randomUUID()}`;
    await sql`create role ${sql(role)}`;
    await sql`grant usage on schema ${sql(schema)} to ${sql(role)}`;
    await sql`grant select, insert, update, delete on all tables in schema ${sql(schema)} to ${sql(role)}`;
    await sql`grant usage on all sequences in schema ${sql(schema)} to ${sql(role)}`;
    await sql.begin(async (tx) => {
      await tx`set local role ${tx(role)}`;
      await tx`select ${tx(schema)}.invoke('{"task": "mail", "dedupeKey": "x", "throttle": {"windowMs": 1}}')`;
      await tx`select ${tx(schema)}.emit('{"event": "user.created"}')`;
    });
    expect(Object.values(await states())).toEqual(['ready']);
  });

  it('emits an event', async () => {
    const { conductor, schema, orchestrator } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'greet' },
      { event: 'user.created' },
      async (event) => void seen.push(event.payload),
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await psql(schema, `select pgconductor.emit('{"event": "user.created", "payload": {"id": 7}}')`);
    await one.drain();
    expect(seen).toEqual([{ id: 7 }]);
  });

  it.each([
    [`invoke('{"tsk": "mail"}')`, /no field "tsk"/],
    [`invoke('{"payload": 1}')`, /task is missing/],
    [`invoke('[]')`, /JSON object/],
    [`invoke('{"task": "mail", "dedupe_key": "x"}')`, /no field "dedupe_key"/],
    [`invoke('{"task": "mail", "items": [{"delay": 1}]}')`, /no field "delay"/],
    [`invoke('{"task": "mail", "delayMs": 1, "runAt": "2100-01-01"}')`, /either delayMs or runAt/],
    [`invoke('{"task": "mail", "runAt": "-infinity"}')`, /runAt is no moment/],
    [`invoke('{"task": "mail", "throttle": {}}')`, /windowMs is missing/],
    [`invoke('{"task": "mail", "payload": "\\u0000"}')`, /Unicode|u0000/i],
    [`emit('{"payload": 1}')`, /event is missing/],
    [`emit('{"event": "x", "name": 1}')`, /no field "name"/],
  ])('is told what is wrong with %s', async (call, problem) => {
    const { conductor, schema, states } = engine(use);
    await conductor.migrate();
    await expect(psql(schema, `select pgconductor.${call}`)).rejects.toThrow(problem);
    expect(await states()).toEqual({});
  });
});

onPostgres('an execution', (use) => {
  it('is looked up by its id, whatever has become of it', async () => {
    const { conductor, orchestrator } = engine(use);
    const task = conductor.createTask({ name: 'half', maxAttempts: 1 }, invocable, async (event) => {
      if (event.payload === 1) throw new Error('odd');
      return { half: 1 };
    });
    const ids = (await conductor.invoke({ name: 'half' }, [{ payload: 2 }, { payload: 1 }])) as string[];
    const [good = '', bad = ''] = ids;
    const waiting = await conductor.get(good);
    expect(waiting).toMatchObject({
      id: good,
      task: 'half',
      state: 'ready',
      attempt: 0,
      payload: 2,
      finishedAt: undefined,
    });
    expect(waiting?.enqueuedAt).toBeInstanceOf(Date);
    await orchestrator({ tasks: [task] }).drain();
    expect(await conductor.get(good)).toMatchObject({
      state: 'completed',
      attempt: 1,
      result: { half: 1 },
      error: undefined,
    });
    expect(await conductor.get(bad)).toMatchObject({
      state: 'failed',
      failures: 1,
      event: 'pgconductor.invoke',
      error: { type: 'Error', message: 'odd' },
      finishedAt: expect.any(Date),
    });
    expect(await conductor.get('999')).toBeUndefined();
    await expect(conductor.get('x')).rejects.toThrow('get.executionId');
  });
});
