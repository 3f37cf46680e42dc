/** Three that wait for most of their time, at the same time. */
import { startPostgres, waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { describe, expect, it, type TestContext } from 'vitest';
import type { TestPostgres } from '../on-postgres.ts';
import { faultNetwork } from './fault-network.ts';
import { faultWorld, sound, stopped } from './fault-world.ts';

/** A server of its own. */
async function ownServer(version: 18 | 14, test: TestContext) {
  const server = await startPostgres({ version, own: true, settings: { synchronous_commit: 'on' } });
  const sql = postgres(server.url, { max: 4, fetch_types: false, onnotice: () => {} });
  test.onTestFinished(async () => {
    await sql.end();
    await server.stop();
  });
  return { server, sql, url: server.url };
}

async function aBusyWorker(use: Pick<TestPostgres, 'url' | 'sql'>, url: string, test: TestContext) {
  const world = await faultWorld(use, test);
  await world.invoke('work', Array(50).fill({ ms: 20 }));
  const worker = await world.worker({ url, concurrency: 5, graceMs: 500 });
  await waitFor(async () => (await world.runs()) > 10);
  return { world, worker };
}

describe.concurrent('a database that is gone lets a stop return, and what was held is done by others', () => {
  it.for([18, 14] as const)(
    'where a PostgreSQL %i was shut down',
    { timeout: 60_000 },
    async (version, test) => {
      const { server, ...use } = await ownServer(version, test);
      const { world, worker } = await aBusyWorker(use, use.url, test);
      await server.halt();
      await stopped(worker);
      await server.resume();
      expect(await world.account()).toEqual({ ...sound, outcomes: { completed: 50 } });
    },
  );

  it('where the network is silent', { timeout: 60_000 }, async (test) => {
    const use = await ownServer(18, test);
    const { proxy, url } = await faultNetwork(use, test);
    const { world, worker } = await aBusyWorker(use, url, test);
    await proxy.set('half-open');
    await stopped(worker);
    expect(await world.account()).toEqual({ ...sound, outcomes: { completed: 50 } });
  });
});
