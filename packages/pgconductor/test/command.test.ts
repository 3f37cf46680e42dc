import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type NodeChild, spawnNode, startPostgres, waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Conductor } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres, type TestPostgres } from './on-postgres.ts';

const command = new URL('../dist/cli.js', import.meta.url);

/** Runs the command until it ends. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const child: NodeChild = spawnNode(command, args, { env: { POSTGRES_URL: '', ...env } });
  const { code } = await child.exited;
  return { code, out: child.lines.join('\n'), err: child.errorLines.join('\n') };
}

onPostgres('pgconductor migrate', (use) => {
  it('creates the schema, and finds nothing to do the next time', async () => {
    const schema = use.freshSchema();
    const first = await run(['migrate', '--url', use.url, '--schema', schema]);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^0001-tables\n0002-clock\n/);
    const second = await run(['migrate', '--schema', schema, '--json'], { POSTGRES_URL: use.url });
    expect(second).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(second.out)).toMatchObject({
      applied: [],
      schemaState: 'current',
      unknownMigrations: [],
    });
  });

  it.each([
    [
      'migrate',
      'newer',
      false,
      0,
      /^Nothing to do: the schema is newer than this package, which knows .* and not 9999-future; both/,
    ],
    ['migrate', 'incompatible', true, 3, /workers of this version are refused/],
    ['status', 'newer', false, 0, /^Schema .*, newer than this package/],
    ['status', 'incompatible', true, 3, /workers of this version are refused/],
  ] as const)('%s tells of a schema that is %s', async (command, schemaState, isBreaking, code, text) => {
    const schema = await migrated(use);
    await use.sql`insert into ${use.sql(schema)}.migration (name, is_breaking) values ('9999-future', ${isBreaking})`;
    const args = [command, '--url', use.url, '--schema', schema];
    const told = await run(args);
    expect(told).toMatchObject({ code, err: '' });
    expect(told.out).toMatch(text);
    const json = await run([...args, '--json']);
    expect({ code: json.code, ...JSON.parse(json.out) }).toMatchObject({
      code,
      schemaState,
      schemaVersion: '9999-future',
      unknownMigrations: ['9999-future'],
    });
  });
});

interface Told {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function expectUnavailable({ code, out, err }: Told, problem: RegExp): void {
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(problem);
  expect(err).toContain('THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE');
  expect(err).not.toMatch(/secret|somebody/);
}

onPostgres('a database that gives no answer', (use) => {
  /** The address of the database, changed. */
  function address(change: (url: URL) => void): string {
    const url = new URL(use.url);
    change(url);
    return url.href;
  }

  /** The address for a role that exists while the test runs. */
  async function addressOfRole(attributes: string): Promise<string> {
    const role = `somebody_${randomUUID()}`;
    await use.sql.unsafe(`create role "${role}" ${attributes} password 'secret'`);
    onTestFinished(async () => {
      await use.sql.unsafe(`drop role "${role}"`);
    });
    return address((url) => {
      url.username = role;
      url.password = 'secret';
    });
  }

  it.each(['migrate', 'status'])('is told by %s: a wrong password', async (command) => {
    const url = address((wrong) => {
      wrong.password = 'secret';
    });
    const told = await run([command, '--url', url]);
    expectUnavailable(told, /PostgreSQL refused the login\. The role or its password is wrong.*28P01/);
    expect(told.err).not.toContain(`"${new URL(use.url).username}"`);
  });

  it('is told: a role that may not log in', async () => {
    const told = await run(['status', '--url', await addressOfRole('nologin')]);
    expectUnavailable(told, /does not let this role in\. See that the role exists.*28000/);
  });

  it('is told: no connection is left', async () => {
    const told = await run(['status', '--url', await addressOfRole('login connection limit 0')]);
    expectUnavailable(told, /no connection is left.*53300/);
  });

  it('is told: there is no such database', async () => {
    const url = address((missing) => {
      missing.pathname = '/somebody';
    });
    expectUnavailable(await run(['status', '--url', url]), /no database of that name\. Create it.*3D000/);
  });

  it('is told: TLS that the server does not have', async () => {
    const told = await run(['status', '--url', `${use.url}?sslmode=require`]);
    expectUnavailable(told, /no TLS connection came about/);
  });

  it('is told: nothing listens, a host that nobody knows, silence', async () => {
    const refused = await run(['migrate', '--url', 'postgres://somebody:secret@127.0.0.1:1/app']);
    expectUnavailable(refused, /nothing listens: 127\.0\.0\.1:1\. Start PostgreSQL.*ECONNREFUSED/);
    const unknown = await run(['status', '--url', 'postgres://somebody:secret@nowhere.invalid/app']);
    expectUnavailable(unknown, /the host is not known: nowhere\.invalid\. .*(ENOTFOUND|EAI_AGAIN)/);
    const port = await listening(() => {});
    const silent = await run([
      'status',
      '--url',
      `postgres://somebody:secret@127.0.0.1:${port}/app?connect_timeout=1`,
    ]);
    expectUnavailable(
      silent,
      new RegExp(`nothing was heard from it in time: 127\\.0\\.0\\.1:${port}\\. .*CONNECT_TIMEOUT`),
    );
  });

  it('is told: a server that starts up', async () => {
    const port = await listening((socket) => {
      socket.once('data', () => socket.end(refusal('57P03', 'the database system is starting up')));
    });
    const told = await run(['status', '--url', `postgres://somebody:secret@127.0.0.1:${port}/app`]);
    expectUnavailable(told, /PostgreSQL is starting up or shutting down\. Try again in a moment\..*57P03/);
  });

  it('is told by the library in the same words', async () => {
    const url = address((wrong) => {
      wrong.password = 'secret';
    });
    const conductor = Conductor.create({ connectionString: url });
    onTestFinished(() => conductor.close());
    await expect(conductor.invoke({ name: 'mail' })).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE',
      reason: 'login-refused',
      wasSent: false,
    });
  });
});

describe('a server that demands TLS', () => {
  it('is told, with what to put into the address', async () => {
    const server = await startPostgres({ version: 18, own: true });
    onTestFinished(() => server.stop());
    const sql = postgres(server.url, { max: 1 });
    const [settings] = await sql`show hba_file`;
    await sql.unsafe(`copy (select 'hostssl all all all scram-sha-256') to '${settings?.hba_file}'`);
    await sql`select pg_reload_conf()`;
    await sql.end();
    let told: Told | undefined;
    await waitFor(async () => {
      told = await run(['status', '--url', server.url]);
      return told.code === 1;
    });
    expectUnavailable(told as Told, /does not let this role in without TLS\. Put \?sslmode=require.*28000/);
  });
});

/** A server on loopback that does this with whoever comes. @returns its port */
async function listening(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer(onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** As a PostgreSQL that lets nobody in says it. */
function refusal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** A schema that is up to date. */
async function migrated(use: TestPostgres): Promise<string> {
  const { conductor, schema } = engine(use);
  await conductor.migrate();
  return schema;
}

onPostgres('pgconductor status', (use) => {
  it('tells of queues, workers, failures and schedules', async () => {
    const { conductor, schema, orchestrator } = engine(use);
    const report = conductor.createTask(
      { name: 'report', maxAttempts: 1 },
      [{ invocable: true }, { cron: '0 4 * * *', name: 'nightly', timeZone: 'Europe/Berlin' }],
      async () => {
        throw new Error('no \u001b[31mink');
      },
    );
    const one = orchestrator({ tasks: [report] });
    await one.start();
    await conductor.invoke({ name: 'report' });
    await one.drain();
    await conductor.invoke({ name: 'mail' }, undefined, { priority: 1 });
    await conductor.invoke({ name: 'mail' }, undefined, { delayMs: 60_000 });
    const args = ['status', '--url', use.url, '--schema', schema];
    const json = await run([...args, '--json']);
    expect(json).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(json.out)).toMatchObject({
      pendingMigrations: [],
      queues: [{ queue: 'default', states: { ready: 1, scheduled: 1 }, oldestReadyMs: expect.any(Number) }],
      workers: [
        {
          pid: process.pid,
          queues: ['default'],
          running: 0,
          lastSeenMs: expect.any(Number),
          isSilent: false,
          aliveForMs: expect.any(Number),
        },
      ],
      failedLastDay: [{ task: 'report', count: 1, lastError: 'no \u001b[31mink' }],
      schedules: [{ task: 'report', name: 'nightly', nextAt: expect.any(Number), lateMs: 0, ticks: 0 }],
    });
    const { out } = await run(args);
    expect(out).toContain(
      'Failed in the last day\n  task    count  last error\n  report  1      no \ufffd[31mink',
    );
    expect(out).toMatch(/Schedules\n.*\n {2}report {2}nightly {2}0 4 \* \* \* {2}Europe\/Berlin {2}\d{4}-/);
  });

  it('shows on one screen what waits, who works and who has fallen silent', async () => {
    const { conductor, schema, orchestrator } = engine(use);
    const slow = conductor.createTask(
      { name: 'slow', concurrency: 1 },
      { invocable: true },
      async (_event, ctx) => {
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
      },
    );
    const one = orchestrator({ tasks: [slow] });
    await one.start();
    const ids = await conductor.invoke({ name: 'slow' }, [{ payload: 1 }, { payload: 2 }]);
    await waitFor(async () => (await conductor.get(ids[0] ?? ''))?.state === 'running');
    await conductor.invoke({ name: 'later' }, undefined, { delayMs: 60_000 });
    const args = ['status', '--url', use.url, '--schema', schema];
    const { out } = await run(args);
    const [head = '', ...rows] = out.split('\n');
    expect(head).toMatch(/^Schema s\d+ "quoted", up to date \(\d{4}-[a-z-]+\)$/);
    expect(rows[3]?.split(/ {2,}/)).toEqual(['', 'default', '0', '1', '1', '0', '0', '1', '0', '0']);
    expect(out).toMatch(new RegExp(` ${process.pid} +default +1 +1 +[\\d.]+ m?s +[\\d.]+ m?s ago$`, 'm'));
    await use.sql`update ${use.sql(schema)}.worker
      set seen_at = now() - interval '18 seconds', until = now() + interval '12 seconds'`;
    expect((await run(args)).out).toMatch(/ 1[89] s ago, silent: what it holds is taken over in 1[012] s$/m);
    await use.sql`update ${use.sql(schema)}.worker
      set seen_at = now() - interval '35 seconds', until = now() - interval '5 seconds'`;
    expect((await run(args)).out).toMatch(/ 3[56] s ago, gone: others take over what it held$/m);
  });

  it('counts what failed by queue, and shows queues in which nothing waits', async () => {
    const { conductor, schema, orchestrator } = engine(use);
    const fail = conductor.createTask(
      { name: 'fail', queue: 'bad', maxAttempts: 1 },
      { invocable: true },
      async () => {
        throw new Error('no');
      },
    );
    const idle = conductor.createTask({ name: 'idle', queue: 'idle' }, { invocable: true }, async () => {});
    const one = orchestrator({ tasks: [fail, idle] });
    await conductor.invoke({ name: 'fail' });
    await one.drain();
    const { out } = await run(['status', '--url', use.url, '--schema', schema, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      schema,
      schemaState: 'current',
      queues: [
        { queue: 'bad', states: {}, oldestReadyMs: null, failedLastDay: 1 },
        { queue: 'idle', states: {}, oldestReadyMs: null, failedLastDay: 0 },
      ],
      failedLastDay: [{ task: 'fail', count: 1, lastError: 'no' }],
    });
  });

  it('says when there is no such schema, nothing of it, or one of a version before', async () => {
    const schema = use.freshSchema();
    const args = ['status', '--url', use.url, '--schema', schema];
    const none = await run(args);
    expect({ code: none.code, out: none.out }).toEqual({ code: 3, out: '' });
    expect(none.err).toMatch(/^There is no schema "s.*: run `pgconductor migrate`, or correct its name\./);
    expect(none.err).toContain('THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING');
    await use.sql`create schema ${use.sql(schema)}`;
    expect(await run(args)).toMatchObject({
      code: 3,
      err: expect.stringContaining('has nothing of pgconductor in it'),
    });
    await use.sql`create table ${use.sql(schema)}.migration (name text, is_breaking boolean)`;
    expect(await run(args)).toMatchObject({
      code: 3,
      err: expect.stringContaining('is of a version before this one'),
    });
  });

  it('says what is pending', async () => {
    const schema = await migrated(use);
    await use.sql`delete from ${use.sql(schema)}.migration where name >= '0012'`;
    const { code, out } = await run(['status', '--url', use.url, '--schema', schema]);
    expect({ code, head: out.split('\n')[0] }).toEqual({
      code: 3,
      head: expect.stringMatching(
        /behind this package \(0011-.*\), run `pgconductor migrate`; pending: 0012-/,
      ),
    });
  });

  it('says what a role lacks', async () => {
    const schema = await migrated(use);
    const role = `reader_${randomUUID()}`;
    await use.sql.unsafe(`create role "${role}" login password 'secret'`);
    onTestFinished(async () => {
      await use.sql.unsafe(`drop role "${role}"`);
    });
    const url = new URL(use.url);
    url.username = role;
    url.password = 'secret';
    const { code, err } = await run(['status', '--url', url.href, '--schema', schema]);
    expect(code).toBe(1);
    expect(err).toMatch(/permission denied for schema .*42501\)\n {2}The role lacks a privilege/);
  });
});

describe('the command line of pgconductor', () => {
  const bad = /^--url is no address of PostgreSQL: give one like postgres:\/\//;

  it.each([
    [['stat'], /^There is no command "stat"\.\n\nUsage: pgconductor <command>/],
    [['status', 'now'], /^status takes no "now"\.\n\nUsage: pgconductor status/],
    [['status', '--jsn'], /^There is no option --jsn\.\n\nUsage/],
    [['status', '--wait', '5'], /^status takes no --wait\.\n\nUsage: pgconductor status/],
    [['migrate', '--wait', 'long'], /^--wait takes whole seconds, not "long"/],
    [['migrate', '--url'], /--url <value>' argument missing/],
    [['help', 'stat'], /^There is no command "stat"/],
    [['status'], /^Say which database: --url, or POSTGRES_URL in the environment/],
    [['status', '--url', 'foo'], bad],
    [['status', '--url', ''], bad],
    [['status', '--url', 'mysql://somebody:secret@127.0.0.1/app'], bad],
    [['status', '--url', 'postgres://somebody:se/cret@127.0.0.1/app'], bad],
    [['status', '--url', 'postgres://somebody:1#cret@127.0.0.1/app'], bad],
    [['status', '--url', 'postgres://127.0.0.1:99999/app'], bad],
    [
      ['status', '--url', 'postgres://127.0.0.1/app', '--schema', ''],
      /^--schema takes a text of 1 to 63 bytes\./,
    ],
    [['status', '--url', 'postgres://127.0.0.1/app', '--schema', 'x'.repeat(64)], /^--schema takes/],
  ])('%j is not understood', async (args, problem) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(problem);
    expect(err).not.toMatch(/cret|somebody/);
  });

  it('says which of the two addresses is none', async () => {
    const { code, err } = await run(['status'], { POSTGRES_URL: 'localhost' });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/^POSTGRES_URL is no address/) });
  });

  it.each([
    [['--help'], /^Usage: pgconductor <command>/],
    [[], /^Usage: pgconductor <command>/],
    [['migrate', '--help'], /^Usage: pgconductor migrate[\s\S]*--wait[\s\S]*Exit codes/],
    [['help', 'status'], /^Usage: pgconductor status[\s\S]*--json[\s\S]*Exit codes/],
    [['--version'], /^\d+\.\d+\.\d+\S*, schema \d{4}-[a-z-]+$/],
  ])('%j is answered', async (args, text) => {
    const { code, out, err } = await run(args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(text);
  });
});
