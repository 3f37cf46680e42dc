import { waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import type { Orchestrator } from '../src/index.ts';
import { type Engine, engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';
import { withUnsafe } from './with-unsafe.ts';

const invocable = { invocable: true } as const;

/** A client that counts what is asked, by the name of the function in the database. */
class CountingClient {
  readonly asked = new Map<string, number>();
  /** Whether it refuses what it is asked. */
  isRefusing = false;
  readonly sql: postgres.Sql;

  constructor(sql: postgres.Sql) {
    const unsafe = (...statement: Parameters<postgres.Sql['unsafe']>) => {
      const name = /\.(\w+)\(/.exec(statement[0])?.[1] ?? statement[0];
      this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
      if (this.isRefusing)
        return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
      return sql.unsafe(...statement);
    };
    this.sql = withUnsafe(sql, unsafe);
  }

  /** What is asked more often than so many times while the worker says so many times that it lives. */
  async often({ pulses, most }: { pulses: number; most: number }): Promise<Record<string, number>> {
    this.asked.clear();
    await waitFor(() => (this.asked.get('pulse') ?? 0) >= pulses, { timeoutMs: 20_000 });
    return Object.fromEntries([...this.asked].filter(([, count]) => count > most));
  }
}

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
/** Neither today nor yesterday nor tomorrow, wherever the test runs. */
const farDay = days[(new Date().getUTCDay() + 3) % 7] ?? 'sun';

interface World extends Engine {
  readonly client: CountingClient;
  readonly worker: Orchestrator;
  /** Another connection, in a transaction that is rolled back when the test ends. */
  readonly holder: postgres.ReservedSql;
}

onPostgres('a worker asks for nothing without end', (use) => {
  const world = async (): Promise<World> => {
    const [sql, other] = [postgres(use.url, { onnotice: () => {} }), postgres(use.url, { max: 1 })];
    onTestFinished(() => sql.end());
    const client = new CountingClient(sql);
    const own = engine(use, { sql: client.sql });
    const holder = await other.reserve();
    await holder`begin`;
    onTestFinished(async () => {
      client.isRefusing = false;
      await holder`rollback`;
      holder.release();
      await other.end();
    });
    const { conductor, orchestrator } = own;
    const window = { start: '03:00', end: '03:01', days: [farDay] };
    const tasks = [
      conductor.createTask({ name: 'job' }, invocable, async () => {}),
      conductor.createTask({ name: 'single', concurrency: 1 }, invocable, async () => {}),
      conductor.createTask({ name: 'shut', window }, invocable, async () => {}),
    ];
    const worker = orchestrator({ tasks });
    await worker.start();
    return { ...own, client, worker, holder };
  };
  /** About 2 s: looks for what is due come every 200 ms, everything else less often. */
  const rarely = { pulses: 4, most: 30 };

  it('when there is nothing', async () => {
    const { client } = await world();
    expect(await client.often(rarely)).toEqual({});
  });

  it('when all is due tomorrow', async () => {
    const { client, conductor } = await world();
    await conductor.invoke({ name: 'job' }, undefined, { delayMs: 86_400_000 });
    await conductor.schedule({ name: 'job' }, { name: 'leap days', cron: '0 0 29 2 *' });
    expect(await client.often(rarely)).toEqual({});
  });

  it('when what is due is locked', async () => {
    const { client, conductor, schema, holder } = await world();
    const id = await conductor.invoke({ name: 'job' }, undefined, { delayMs: 500 });
    await holder`select from ${holder(schema)}.execution where id = ${id} for update`;
    expect(await client.often({ ...rarely, pulses: 6 })).toEqual({});
  });

  it('when a gate is full, and another is shut', async () => {
    const { client, schema, invokeEach } = await world();
    await use.sql`insert into ${use.sql(schema)}.execution (enqueued_at, run_at, avail, state, queue, task, gate, lease)
      values (now(), now(), true, 'running', 'default', 'single', '', 4711)`;
    await invokeEach('single', [1, 2, 3]);
    await invokeEach('shut', [1, 2, 3]);
    expect(await client.often(rarely)).toEqual({});
  });

  it('when nobody works at what waits', async () => {
    const { client, invokeEach } = await world();
    await invokeEach('unknown', [...Array(2_000).keys()]);
    expect(await client.often(rarely)).toEqual({});
  });

  it('when nobody can read a schedule', async () => {
    const { client, schema } = await world();
    await use.sql`insert into ${use.sql(schema)}.schedule (task, is_static, name, cron, time_zone, since)
      values ('job', false, 'odd', 'every full moon', 'UTC', now())`;
    expect(await client.often(rarely)).toEqual({});
  });

  it('when it drains and another still runs', async () => {
    const { client, schema, worker } = await world();
    const execution = use.sql`${use.sql(schema)}.execution`;
    await use.sql`insert into ${execution} (enqueued_at, run_at, avail, state, queue, task, lease)
      values (now(), now(), true, 'running', 'default', 'job', 4711)`;
    const drained = worker.drain();
    expect(await client.often({ ...rarely, most: 60 })).toEqual({});
    await use.sql`delete from ${execution}`;
    await drained;
  });

  it('when the tables are locked', async () => {
    const { client, schema, holder } = await world();
    await holder`lock table ${holder(schema)}.execution, ${holder(schema)}.schedule`;
    expect(await client.often(rarely)).toEqual({});
  });

  it('when the database refuses everything', async () => {
    const { client } = await world();
    client.isRefusing = true;
    expect(await client.often({ pulses: 12, most: 36 })).toEqual({});
  });
});

onPostgres('a worker to which executions come one by one', (use) => {
  it('asks once for each', async () => {
    const client = new CountingClient(use.sql);
    const { conductor, orchestrator, reached } = engine(use, {
      sql: client.sql,
    });
    const claims = () => client.asked.get('claim') ?? 0;
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    await waitFor(() => claims() === 2, { what: 'the second look of a worker that found nothing' });
    const invokeAlone = async () => {
      const since = performance.now();
      await waitFor(() => performance.now() - since > 50, { what: 'what comes next to be seldom' });
      await reached(await conductor.invoke({ name: 'job' }), 'completed');
    };
    await invokeAlone();
    const before = claims();
    for (let n = 0; n < 5; n += 1) await invokeAlone();
    expect(claims() - before).toBeLessThan(2 * 5);
  });
});
