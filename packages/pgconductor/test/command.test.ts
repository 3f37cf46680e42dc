import { type NodeChild, spawnNode } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

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
    expect(second).toEqual({ code: 0, err: '', out: '{"applied":[]}' });
  });

  it('says when the database cannot be reached, and nothing of the password', async () => {
    const url = 'postgres://someone:secret@127.0.0.1:1/app';
    const { code, out, err } = await run(['migrate', '--url', url]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE');
    expect(err).toContain('ECONNREFUSED');
    expect(err).not.toContain('secret');
  });

  it('says when it is not let in', async () => {
    const url = use.url.replace(/:[^:@]+@/, ':secret@');
    const { code, err } = await run(['migrate', '--url', url]);
    expect(code).toBe(1);
    expect(err).toContain('THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE');
    expect(err).toContain('password authentication failed');
    expect(err).not.toContain('secret');
  });
});

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
      workers: [{ pid: process.pid, queues: ['default'], running: 0, aliveForMs: expect.any(Number) }],
      failedLastDay: [{ task: 'report', count: 1, lastError: 'no \u001b[31mink' }],
      schedules: [{ task: 'report', name: 'nightly', nextAt: expect.any(Number), lateMs: 0, ticks: 0 }],
    });
    const { out } = await run(args);
    expect(out).toContain(
      'Failed in the last day\n  task    count  last error\n  report  1      no \ufffd[31mink',
    );
    expect(out).toMatch(/Schedules\n.*\n {2}report {2}nightly {2}0 4 \* \* \* {2}Europe\/Berlin {2}\d{4}-/);
  });

  it('says when there is no such schema', async () => {
    const { code, err } = await run(['status', '--url', use.url, '--schema', 'nobody']);
    expect(code).toBe(1);
    expect(err).toContain('THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING');
  });

  it.each([
    [['stat'], /no command "stat"/],
    [['status', 'now'], /takes no "now"/],
    [['status', '--jsn'], /--jsn/],
    [['migrate', '--wait', 'long'], /whole seconds/],
    [['status'], /--url, or POSTGRES_URL/],
    [['status', '--url', 'nonsense'], /nonsense|address/],
  ])('and %j is not understood', async (args, problem) => {
    const { code, out, err } = await run(args);
    expect({ code: code === 0, out }).toEqual({ code: false, out: '' });
    expect(err).toMatch(problem);
  });

  it('is explained by --help', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: pgconductor/);
  });
});
