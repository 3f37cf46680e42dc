/** A network that breaks in many ways: 8 times here, more with THROUGHLINE_OUTAGES. */
import { setTimeout as passed } from 'node:timers/promises';
import { type FaultMode, SeededRandom, waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import { Conductor, Orchestrator } from '../../src/index.ts';
import { onPostgres } from '../on-postgres.ts';
import { faultNetwork } from './fault-network.ts';
import { faultWorld, sound, stopped } from './fault-world.ts';

const rounds = Number(process.env.THROUGHLINE_OUTAGES ?? 8);

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const faults: readonly FaultMode[] = [
  { kind: 'refuse' },
  { kind: 'reset' },
  { kind: 'cut-answer' },
  { kind: 'cut', afterBytes: 2_000 },
  { kind: 'latency', ms: 20 },
  { kind: 'half-open' },
];

onPostgres(
  'a network that breaks',
  (use) => {
    it(`in ${rounds} ways, loses nothing and runs nothing twice`, async () => {
      const world = await faultWorld(use);
      const { proxy, url } = await faultNetwork(use);
      const random = new SeededRandom();
      const total = 100 * rounds;
      await world.invoke(
        'work',
        [...Array(total).keys()].map((n) => ({ ms: n % 4, fails: n % 29 === 0 ? 1 : 0 })),
      );
      await world.invoke(
        'keyed',
        [...Array(20).keys()].map((n) => ({ key: `k${n % 3}` })),
      );
      const workers = [
        await world.worker({ url, batchSize: 50, leaseMs: 60_000 }),
        await world.worker({ url, batchSize: 50, leaseMs: 60_000 }),
      ];
      for (let round = 0; round < rounds; round += 1) {
        const before = await world.ended();
        await waitFor(async () => (await world.ended()) > before + 20 || (await world.ended()) >= total, {
          timeoutMs: 20_000,
        });
        await proxy.set(faults[round % faults.length] as FaultMode);
        await passed(50 + random.below(200));
        await proxy.set('pass');
        if (round % 2 === 0) proxy.resetAll();
      }
      await waitFor(async () => (await world.ended()) === total + 20, { timeoutMs: 30_000, intervalMs: 50 });
      for (const worker of workers) await stopped(worker);
      const { seed } = random;
      expect({ ...(await world.account()), seed }).toEqual({
        ...sound,
        outcomes: { completed: total + 20 },
        seed,
      });
      expect(await world.runs()).toBe(total + 20 + Math.ceil(total / 29));
    }, 120_000);

    it('that swallows answers for longer than a claim is tried again leaves nothing held', async () => {
      const world = await faultWorld(use);
      const { proxy, url } = await faultNetwork(use);
      await world.invoke('work', Array(2_000).fill({}));
      const worker = await world.worker({ url, leaseMs: 60_000, batchSize: 20 });
      for (let outage = 0; outage < 2; outage += 1) {
        const before = await world.ended();
        await waitFor(async () => (await world.ended()) > before + 300, { timeoutMs: 10_000 });
        await proxy.set('cut-answer');
        await passed(1_200);
        await proxy.set('pass');
      }
      await waitFor(async () => (await world.ended()) === 2_000, { timeoutMs: 15_000 });
      await stopped(worker);
      expect(await world.account()).toEqual({ ...sound, outcomes: { completed: 2_000 } });
      expect(await world.runs()).toBe(2_000);
    }, 60_000);

    it('when an orchestrator starts is told, and the next start works', async () => {
      const world = await faultWorld(use);
      const { proxy, url } = await faultNetwork(use);
      const conductor = Conductor.create({ connectionString: url, schema: world.schema, logger: silent });
      onTestFinished(() => conductor.close());
      let runs = 0;
      const task = conductor.createTask({ name: 'work' }, { invocable: true }, async () => {
        runs += 1;
      });
      const orchestrator = Orchestrator.create({ conductor, tasks: [task] });
      await proxy.set('cut-answer');
      await expect(orchestrator.start()).rejects.toMatchObject({
        code: 'THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE',
      });
      await proxy.set('pass');
      await world.invoke('work', [{}]);
      await orchestrator.start();
      await waitFor(() => runs === 1);
      await orchestrator.stop();
    });

    it('tells who invokes whether the invocation may have been stored', async () => {
      const world = await faultWorld(use);
      const { proxy, url } = await faultNetwork(use);
      const sql = postgres(url, { max: 1, onnotice: () => {} });
      const conductor = Conductor.create({ sql, schema: world.schema });
      onTestFinished(() => sql.end({ timeout: 0 }));
      world.expectId(await conductor.invoke({ name: 'work' }, {}));
      await sql`select 'the workers have been woken'`;
      await proxy.set('cut-answer');
      const failure = await conductor.invoke({ name: 'work' }, {}).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE', wasSent: true });
      await proxy.set('pass');
      const stored = await use.sql`select id from ${use.sql(world.schema)}.execution`;
      for (const { id } of stored) world.expectId(id);
      expect(stored).toHaveLength(2);
      expect(await world.account()).toEqual({ ...sound, outcomes: { completed: 2 } });
    });
  },
  [18],
);
