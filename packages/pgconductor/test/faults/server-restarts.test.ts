/** A server that is shut down or crashes: 3 times here, more with THROUGHLINE_RESTARTS. */
import { setTimeout as passed } from 'node:timers/promises';
import { type PostgresServer, SeededRandom, startPostgres, waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultWorld, sound, stopped } from './fault-world.ts';

const restarts = Number(process.env.THROUGHLINE_RESTARTS ?? 3);

/** What was committed survives a crash; the rest of the test servers' haste may stay. */
const settings = { synchronous_commit: 'on' };

const cases = [
  [18, 'immediate'],
  [14, 'fast'],
] as const;

describe.each(cases)('a PostgreSQL %i that goes down under load, %s', (version, mode) => {
  let server: PostgresServer;
  let sql: postgres.Sql;
  beforeAll(async () => {
    server = await startPostgres({ version, own: true, settings });
    sql = postgres(server.url, { max: 4, fetch_types: false, onnotice: () => {} });
  });
  afterAll(async () => {
    await sql.end();
    await server.stop();
  });
  const use = {
    get url() {
      return server.url;
    },
    get sql() {
      return sql;
    },
  };

  it('has lost nothing when it is back', async () => {
    const world = await faultWorld(use);
    const random = new SeededRandom();
    const total = 150 * restarts;
    await world.invoke(
      'work',
      [...Array(total).keys()].map((n) => ({ ms: n % 3 })),
    );
    await world.invoke(
      'keyed',
      [...Array(30).keys()].map((n) => ({ key: `k${n % 3}`, ms: 2 })),
    );
    const workers = [await world.worker({ batchSize: 50 }), await world.worker({ batchSize: 50 })];
    for (let restart = 0; restart < restarts; restart += 1) {
      await waitFor(async () => (await world.ended()) > restart * 150, { timeoutMs: 15_000 });
      await server.halt(mode);
      await passed(random.below(300));
      await server.resume();
    }
    for (const worker of workers) await stopped(worker);
    const { seed } = random;
    expect({ ...(await world.account()), seed }).toEqual({
      ...sound,
      outcomes: { completed: total + 30 },
      seed,
    });
  }, 300_000);

  it('wakes its workers again when it is back', async () => {
    const world = await faultWorld(use);
    const worker = await world.worker({ pollMs: 600_000, leaseMs: 60_000 });
    await server.halt();
    await waitFor(() =>
      world.invoke('work', [{}]).then(
        () => false,
        () => true,
      ),
    );
    await server.resume();
    const hears = async (): Promise<boolean> =>
      (await sql`select from pg_stat_activity where query like 'listen %' and state = 'idle'`).length > 0;
    await waitFor(hears, { what: 'the worker to listen again', timeoutMs: 15_000 });
    await world.invoke('work', [{}]);
    await waitFor(async () => (await world.ended()) === 1, {
      what: 'the invocation to be done',
      timeoutMs: 5_000,
    });
    await stopped(worker);
    expect(await world.account()).toEqual({ ...sound, outcomes: { completed: 1 } });
  });
});
