import { type FaultProxy, startFaultProxy, waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import type { SqlPool } from '../src/database/sql-client.ts';
import type { LogFields } from '../src/task/logger.ts';
import { engine } from './engine.ts';
import { onPostgres, type TestPostgres } from './on-postgres.ts';
import { signal } from './signal.ts';

const invocable = { invocable: true } as const;

/** A logger that remembers warnings. */
function remembering() {
  const warnings: [message: string, fields: LogFields | undefined][] = [];
  const warn = (message: string, fields?: LogFields) => void warnings.push([message, fields]);
  return { warnings, logger: { debug() {}, info() {}, warn, error: warn } };
}

async function proxyOf(use: TestPostgres): Promise<{ proxy: FaultProxy; url: string }> {
  const proxy = await startFaultProxy({ target: use.url });
  onTestFinished(() => proxy.stop());
  const url = new URL(use.url);
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}

/** A client whose statements go straight to the database, while what listens beside it has to go through a proxy. */
function listeningThrough({ port }: FaultProxy, use: TestPostgres): postgres.Sql {
  const sql = postgres(use.url, { max: 4, onnotice: () => {} });
  onTestFinished(() => sql.end());
  const options = { ...sql.options, host: ['127.0.0.1'], port: [port] };
  return new Proxy(sql, {
    get: (target, name) => (name === 'options' ? options : Reflect.get(target, name)),
  });
}

/** How many connections listen in the database. */
async function listening({ sql }: TestPostgres): Promise<number> {
  const rows = await sql`select from pg_stat_activity
    where datname = current_database() and query like 'listen %' and state = 'idle'`;
  return rows.length;
}

/** Ends the connection that listens, and waits until there is another. */
async function loseListening(use: TestPostgres): Promise<void> {
  await waitFor(async () => (await listening(use)) === 1, { what: 'it to listen', timeoutMs: 10_000 });
  const ended = await use.sql`select pid, pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query like 'listen %'`;
  const pids = ended.map(({ pid }) => pid);
  const others = () => use.sql`select from pg_stat_activity
    where datname = current_database() and query like 'listen %' and state = 'idle' and pid <> all (${pids})`;
  await waitFor(async () => (await others()).length === 1, {
    what: 'it to listen again',
    timeoutMs: 10_000,
  });
}

/** A client that can hold back what the database answers to a sign of life. */
function heldPulses({ url }: TestPostgres) {
  const sql = postgres(url, { max: 4, onnotice: () => {} });
  onTestFinished(() => sql.end());
  const { unsafe } = sql as unknown as SqlPool;
  const [released, held] = [signal(), signal()];
  let isHolding = false;
  const late = async <Row>(rows: PromiseLike<Row>): Promise<Row> => {
    held.give();
    await released.given;
    return rows;
  };
  const changed: Pick<SqlPool, 'unsafe'> = {
    unsafe(text, parameters, options) {
      const rows = unsafe(text, parameters, options);
      return isHolding && text.includes('.pulse(') ? late(rows) : rows;
    },
  };
  return {
    sql: Object.assign(sql, changed),
    held: held.given,
    holdPulses: () => {
      isHolding = true;
    },
    letGo: () => {
      isHolding = false;
      released.give();
    },
  };
}

onPostgres('an orchestrator that cannot listen', (use) => {
  it('begins to work all the same, says so once, listens as soon as it can, and no longer than it works', async () => {
    const role = `listener_${use.url.slice(-12)}`;
    const { sql } = use;
    await sql.unsafe(`create role "${role}" superuser login password 'secret' connection limit 2`);
    const url = new URL(use.url);
    [url.username, url.password] = [role, 'secret'];
    const own = postgres(url.href, { max: 2, onnotice: () => {} });
    onTestFinished(async () => {
      await own.end();
      await sql.unsafe(`drop role "${role}"`);
    });
    await sql.unsafe(`alter role "${role}" nosuperuser`);
    await sql.unsafe(`grant create on database "${url.pathname.slice(1)}" to "${role}"`);
    await Promise.all([own`select pg_sleep(0.1)`, own`select pg_sleep(0.1)`]);
    const { warnings, logger } = remembering();
    const { conductor, orchestrator, reached } = engine(use, {
      sql: own,
      logger,
    });
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task], pollMs: 100 });
    await one.start();
    await reached(await conductor.invoke({ name: 'job' }), 'completed');
    expect(warnings).toEqual([
      [
        'pgconductor: cannot listen, so work is found by looking only',
        expect.objectContaining({ code: '53300' }),
      ],
    ]);
    await sql.unsafe(`alter role "${role}" connection limit 3`);
    await waitFor(async () => (await listening(use)) === 1, { what: 'it to listen', timeoutMs: 10_000 });
    await one.stop();
    await waitFor(async () => (await listening(use)) === 0, { what: 'it to listen no more' });
    await sql.unsafe(`drop schema if exists "s1 ""quoted""" cascade; drop owned by "${role}" cascade`);
  });

  it('because nobody answers does so, too, and stops', async () => {
    const { proxy } = await proxyOf(use);
    await proxy.set('half-open');
    const { warnings, logger } = remembering();
    const sql = listeningThrough(proxy, use);
    const { conductor, orchestrator, reached } = engine(use, { sql, logger });
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task], pollMs: 100 });
    await one.start();
    await reached(await conductor.invoke({ name: 'job' }), 'completed');
    await one.stop();
    expect(warnings).toEqual([
      [
        'pgconductor: cannot listen, so work is found by looking only',
        { code: 'NO_ANSWER', reason: expect.any(String), address: `127.0.0.1:${proxy.port}` },
      ],
    ]);
  });
});

onPostgres('an orchestrator that has lost its listening connection', (use) => {
  it('listens again, and no longer than it works', async () => {
    const { conductor, orchestrator } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await use.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'listen %'`;
    await waitFor(async () => (await listening(use)) === 1, {
      what: 'it to listen again',
      timeoutMs: 10_000,
    });
    await one.stop();
    await waitFor(async () => (await listening(use)) === 0, { what: 'it to listen no more' });
  });
});

onPostgres('an orchestrator whose start hangs', (use) => {
  it('can be stopped while nobody answers, and leaves nothing', async () => {
    const { proxy, url } = await proxyOf(use);
    const sql = postgres(url, { onnotice: () => {} });
    onTestFinished(() => sql.end({ timeout: 0 }));
    const { conductor, orchestrator, schema } = engine(use, { sql });
    await conductor.migrate();
    await proxy.set('half-open');
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task] });
    const started = expect(one.start()).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE',
      operation: 'start',
    });
    await one.stop({ graceMs: 1_000 });
    await started;
    await proxy.set('pass');
    proxy.resetAll();
    await waitFor(() => one.start().then(() => true), { what: 'another start', timeoutMs: 20_000 });
    await one.stop();
    expect((await use.sql`select from ${use.sql(schema)}.worker`).length).toBe(0);
  });

  it('works after a stop without grace and a start at once, and listens until it is stopped', async () => {
    const { proxy } = await proxyOf(use);
    await proxy.set('half-open');
    const sql = listeningThrough(proxy, use);
    const { conductor, orchestrator, reached, schema } = engine(use, { sql });
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task], pollMs: 60_000 });
    const again = one.start().catch(async () => {
      await proxy.set('pass');
      await one.start();
    });
    await waitFor(() => proxy.traffic.connections === 1, { what: 'it to wait until it listens' });
    await one.stop({ graceMs: 0 });
    await again;
    await loseListening(use);
    await reached(await conductor.invoke({ name: 'job' }), 'completed');
    expect((await use.sql`select from ${use.sql(schema)}.worker`).length).toBe(1);
    await one.stop();
    await waitFor(() => proxy.traffic.open === 0, { what: 'its connections to end' });
    expect((await use.sql`select from ${use.sql(schema)}.worker`).length).toBe(0);
  });

  it('works when it was started once more while the stop still waited', async () => {
    const { proxy } = await proxyOf(use);
    await proxy.set('half-open');
    const sql = listeningThrough(proxy, use);
    const { conductor, orchestrator, reached } = engine(use, { sql });
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task], pollMs: 100 });
    const givenUp = expect(one.start()).rejects.toMatchObject({ operation: 'start' });
    await waitFor(() => proxy.traffic.connections === 1, { what: 'it to wait until it listens' });
    const stopped = one.stop({ graceMs: 0 });
    const again = one.start();
    await Promise.all([givenUp, stopped, again]);
    await reached(await conductor.invoke({ name: 'job' }), 'completed');
    await one.stop();
  });
});

onPostgres('an orchestrator whose stop could not leave in time', (use) => {
  it('stays registered and goes on listening when it was started again meanwhile', async () => {
    const { sql, held, holdPulses, letGo } = heldPulses(use);
    const { conductor, orchestrator, reached, schema } = engine(use, { sql });
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task], pollMs: 60_000 });
    await one.start();
    holdPulses();
    await held;
    await one.stop({ graceMs: 0 });
    await one.start();
    letGo();
    await loseListening(use);
    await reached(await conductor.invoke({ name: 'job' }), 'completed');
    expect((await use.sql`select from ${use.sql(schema)}.worker`).length).toBe(1);
    await one.stop();
    await waitFor(async () => (await listening(use)) === 0, { what: 'it to listen no more' });
    expect((await use.sql`select from ${use.sql(schema)}.worker`).length).toBe(0);
  });
});
