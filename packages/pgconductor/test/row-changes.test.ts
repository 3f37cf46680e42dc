import { randomUUID } from 'node:crypto';
import { createTraceContext, formatCarrier } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import { type RowOperation, withTrace } from '../src/index.ts';
import { type Engine, engine } from './engine.ts';
import { onPostgres, type TestPostgres } from './on-postgres.ts';

/** A name with dots in it, too. */
function quoted({ sql }: TestPostgres, name: string): postgres.PendingQuery<postgres.Row[]> {
  return sql.unsafe(`"${name.replaceAll('"', '""')}"`) as unknown as postgres.PendingQuery<postgres.Row[]>;
}

/** An engine with a table of an application beside it. */
async function withTable(use: TestPostgres, table = 'contact'): Promise<Engine & { readonly app: string }> {
  const made = engine(use);
  const app = `app of ${made.schema}`;
  const { sql } = use;
  await sql`create schema ${sql(app)}`;
  await sql`create table ${sql(app)}.${quoted(use, table)} (id int primary key, name text, plan text, "größe ""x" int)`;
  return { ...made, app };
}

const trigger = (app: string, operation: RowOperation, rest: object = {}) => ({
  schema: app,
  table: 'contact',
  operation,
  ...rest,
});

onPostgres('a trigger on a table', (use) => {
  const { raw } = {
    raw: (app: string, text: string) =>
      use.sql.unsafe(text.replaceAll('contact', `"${app.replaceAll('"', '""')}".contact`)),
  };

  it('starts a task for each row that is inserted, updated or deleted, with the row before and after', async () => {
    const { app, conductor, orchestrator } = await withTable(use);
    const seen = new Map<number, unknown>();
    const operations = ['insert', 'update', 'delete'] as const;
    const task = conductor.createTask(
      { name: 'sync' },
      operations.map((operation) => trigger(app, operation)),
      async (event, ctx) => void seen.set(Number(ctx.executionId), event),
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await raw(app, `insert into contact values (1, 'Ada', 'free', 3)`);
    await raw(app, `update contact set plan = 'pro'`);
    await raw(app, 'delete from contact');
    await one.drain();
    const free = { id: 1, name: 'Ada', plan: 'free', 'größe "x': 3 };
    const pro = { ...free, plan: 'pro' };
    const inOrder = [...seen].sort(([a], [b]) => a - b).map(([, event]) => event);
    expect(inOrder).toEqual([
      { name: `${app}.contact.insert`, payload: { old: null, new: free } },
      { name: `${app}.contact.update`, payload: { old: free, new: pro } },
      { name: `${app}.contact.delete`, payload: { old: pro, new: null } },
    ]);
  });

  it('gives the columns that are asked for, of rows for which the condition holds', async () => {
    const { app, conductor, orchestrator } = await withTable(use);
    const seen: unknown[] = [];
    const when = `old.plan is distinct from new.plan and new.name <> 'Bob; -- ''x'''`;
    const task = conductor.createTask(
      { name: 'sync' },
      trigger(app, 'update', { when, columns: ['id', 'größe "x'] }),
      async (event) => void seen.push(event.payload),
    );
    const one = orchestrator({ tasks: [task], concurrency: 1 });
    await one.start();
    await raw(app, `insert into contact values (1, 'Ada', 'free', 3), (2, 'Bob; -- ''x''', 'free', 4)`);
    await raw(app, `update contact set name = name`);
    await raw(app, `update contact set plan = 'pro'`);
    await one.drain();
    expect(seen).toEqual([{ old: { id: 1, 'größe "x': 3 }, new: { id: 1, 'größe "x': 3 } }]);
  });

  it('is on tables of any name', async () => {
    const name = `"Größe".x'; -- $$ ${'t'.repeat(40)}`;
    expect(new TextEncoder().encode(name)).toHaveLength(60);
    const { app, conductor, orchestrator } = await withTable(use, name);
    const seen: unknown[] = [];
    const task = conductor.createTask(
      { name: 'sync' },
      { schema: app, table: name, operation: 'insert' },
      async (event) => void seen.push(event.name),
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await use.sql`insert into ${use.sql(app)}.${quoted(use, name)} values (1)`;
    await one.drain();
    expect(seen).toEqual([`${app}.${name}.insert`]);
  });

  it('leaves the statement alone when its condition fails, and tells of it', async () => {
    const { app, conductor, orchestrator, schema, states } = await withTable(use);
    const task = conductor.createTask(
      { name: 'sync' },
      trigger(app, 'insert', { when: 'new.name::int > 0' }),
      async () => {},
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await raw(app, `insert into contact values (1, 'Ada'), (2, '5')`);
    await one.drain();
    expect(Object.values(await states())).toEqual(['completed']);
    await waitFor(async () => (await use.sql`select from ${use.sql(schema)}.trigger_failure`).length === 0, {
      timeoutMs: 10_000,
    });
    expect(await raw(app, 'select * from contact')).toHaveLength(2);
  });

  it('belongs to the transaction that changes the row', async () => {
    const { app, conductor, orchestrator, states } = await withTable(use);
    const task = conductor.createTask({ name: 'sync' }, trigger(app, 'insert'), async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    const undone = use.sql.begin(async (tx) => {
      await tx`insert into ${tx(app)}.contact values (1)`;
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    expect(await states()).toEqual({});
  });

  it('continues the trace of withTrace, for as long as its work lasts', async () => {
    const { app, conductor, orchestrator, schema } = await withTable(use);
    const task = conductor.createTask({ name: 'sync' }, trigger(app, 'insert'), async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await one.stop();
    const [outer, inner] = [createTraceContext(), createTraceContext()];
    await withTrace(use.sql, outer, async (tx) => {
      const insert = (id: number) =>
        tx.unsafe(`insert into "${app.replaceAll('"', '""')}".contact values (${id})`);
      await insert(1);
      await withTrace(tx, inner, () => insert(2));
      await insert(3);
    });
    await raw(app, 'insert into contact values (4)');
    const rows = await use.sql`select trace_context from ${use.sql(schema)}.execution order by id`;
    const traces = [outer, inner, outer].map((context) => JSON.parse(formatCarrier(context)));
    expect(rows.map((row) => row['trace_context'])).toEqual([...traces, null]);
  });

  it('is not disturbed by a setting that is no trace', async () => {
    const { app, conductor, orchestrator, schema } = await withTable(use);
    const task = conductor.createTask({ name: 'sync' }, trigger(app, 'insert'), async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await one.stop();
    await use.sql.begin(async (tx) => {
      await tx`select set_config('pgconductor.trace', '{"traceparent', true)`;
      await tx`insert into ${tx(app)}.contact values (1)`;
    });
    const rows = await use.sql`select trace_context from ${use.sql(schema)}.execution`;
    expect(rows).toEqual([{ trace_context: null }]);
  });

  it('works for roles that have no rights in the schema of the engine', async () => {
    const { app, conductor, orchestrator, states } = await withTable(use);
    const task = conductor.createTask({ name: 'sync' }, trigger(app, 'insert'), async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    const role = `role ${randomUUID()}`;
    const { sql } = use;
    await sql`create role ${sql(role)}`;
    await sql`grant usage on schema ${sql(app)} to ${sql(role)}`;
    await sql`grant insert on all tables in schema ${sql(app)} to ${sql(role)}`;
    await sql.begin(async (tx) => {
      await tx`set local role ${tx(role)}`;
      await tx`insert into ${tx(app)}.contact values (1)`;
    });
    await one.drain();
    expect(Object.values(await states())).toEqual(['completed']);
  });

  it('goes when nobody wants it any more, and leaves nothing', async () => {
    const { app, conductor, orchestrator, schema } = await withTable(use);
    const version = (operation: RowOperation) =>
      orchestrator({
        tasks: [conductor.createTask({ name: 'sync' }, trigger(app, operation), async () => {})],
      });
    const before = version('insert');
    await before.start();
    await before.stop();
    await version('delete').start();
    const { sql } = use;
    const triggers = await sql`select tgname from pg_trigger join pg_class on pg_class.oid = tgrelid
      join pg_namespace n on n.oid = relnamespace where nspname = ${app}`;
    expect(triggers.map((row) => row['tgname'])).toEqual([
      expect.stringMatching(/^pgconductor_[0-9a-f]{8}_delete$/),
    ]);
    const functions = await sql`select proname from pg_proc join pg_namespace n on n.oid = pronamespace
      where nspname = ${schema} and proname like 'row\\_change\\_%'`;
    expect(functions).toHaveLength(1);
  });

  it('is made again after its table was, and changed without a lock on the table', async () => {
    const { app, conductor, orchestrator, states } = await withTable(use);
    const version = (columns: string[]) =>
      orchestrator({
        tasks: [conductor.createTask({ name: 'sync' }, trigger(app, 'insert', { columns }), async () => {})],
      });
    await version(['id']).start();
    await use.sql.begin(async (tx) => {
      await tx`insert into ${tx(app)}.contact values (1)`; // keeps the table locked until the transaction ends
      await version(['name']).start();
    });
    await raw(app, 'drop table contact');
    await raw(app, 'create table contact (id int, name text)');
    const last = version(['plan', 'id', 'name'].slice(1));
    await last.start();
    await raw(app, 'insert into contact values (1)');
    await last.drain();
    expect(Object.values(await states())).toEqual(['completed', 'completed']);
  });

  it('leaves nothing but a function that does nothing on a table that was renamed', async () => {
    const { app, conductor, orchestrator, schema, states } = await withTable(use);
    const version = (triggers: object) =>
      orchestrator({ tasks: [conductor.createTask({ name: 'sync' }, triggers as never, async () => {})] });
    const before = version(trigger(app, 'insert'));
    await before.start();
    await before.stop();
    await raw(app, 'alter table contact rename to person');
    await version({ invocable: true }).start();
    await use.sql`insert into ${use.sql(app)}.person values (1)`;
    expect(await states()).toEqual({});
    expect(await use.sql`select from ${use.sql(schema)}.row_trigger`).toEqual([]);
  });

  it('follows later when its table is locked, and keeps nobody waiting', async () => {
    const { app, conductor, orchestrator, states } = await withTable(use);
    const task = conductor.createTask({ name: 'sync' }, trigger(app, 'insert'), async () => {});
    const one = orchestrator({ tasks: [task] });
    const other = postgres(use.url, { max: 1, onnotice: () => {} });
    onTestFinished(() => other.end());
    await other.begin(async (tx) => {
      await tx`insert into ${tx(app)}.contact values (1)`;
      await one.start(); // resolves, while the other transaction is open
    });
    await waitFor(
      async () => {
        await raw(app, 'insert into contact values ((select max(id) + 1 from contact))');
        return Object.keys(await states()).length > 0;
      },
      { timeoutMs: 15_000, intervalMs: 200 },
    );
  });
});

onPostgres('a trigger on a table that cannot be', (use) => {
  it.each([
    ['there is no such table', { table: 'nobody' }, /there is no table/],
    ['there is no such column', { columns: ['id', 'nothing'] }, /no column nothing/],
    ['its condition is none', { when: 'new.name' }, /boolean/],
    ['its condition asks for what is not there', { when: 'old.id = 1' }, /old/],
    [
      'its condition has a second statement',
      { when: 'true); drop table contact; select (true' },
      /multi|syntax/,
    ],
    ['its condition ends the function', { when: 'true) then end if; end' }, /syntax/],
  ])('is refused at the start when %s', async (_, rest, problem) => {
    const { app, conductor, orchestrator, schema } = await withTable(use);
    const task = conductor.createTask({ name: 'sync' }, trigger(app, 'insert', rest), async () => {});
    const one = orchestrator({ tasks: [task] });
    const refused = one.start();
    await expect(refused).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_TRIGGER_INVALID',
      task: 'sync',
    });
    await expect(refused).rejects.toThrow(problem);
    expect(await use.sql`select from ${use.sql(schema)}.task_trigger`).toEqual([]);
  });
});

onPostgres('a task with a limit', (use) => {
  it('lets rows wait at its gate', async () => {
    const { app, conductor, orchestrator, states } = await withTable(use);
    const settings = { name: 'sync', concurrency: 1, concurrencyKey: 'new.plan' };
    const seen: unknown[] = [];
    const task = conductor.createTask(
      settings,
      trigger(app, 'insert'),
      async (event) => void seen.push(event),
    );
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await one.stop();
    await use.sql`insert into ${use.sql(app)}.contact (id, plan) values (1, 'pro'), (2, 'pro')`;
    expect(Object.values(await states())).toEqual(['gated', 'gated']);
    await one.drain();
    expect(seen).toHaveLength(2);
  });
});
