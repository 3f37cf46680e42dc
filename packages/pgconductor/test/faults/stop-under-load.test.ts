import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { onPostgres } from '../on-postgres.ts';
import { faultWorld, sound, stopped } from './fault-world.ts';

onPostgres(
  'stop under load',
  (use) => {
    it('lets every run come to its end, so that nothing runs twice', async () => {
      const world = await faultWorld(use);
      const total = 1_200;
      await world.invoke(
        'work',
        [...Array(total).keys()].map((n) => ({ ms: n % 5 })),
      );
      await world.invoke(
        'keyed',
        [...Array(40).keys()].map((n) => ({ ms: 2, key: `k${n % 4}` })),
      );
      for (const share of [0.2, 0.5]) {
        const workers = await Promise.all([world.worker(), world.worker({ batchSize: 50 })]);
        await waitFor(async () => (await world.runs()) > share * total, { timeoutMs: 15_000 });
        for (const worker of workers) expect(await stopped(worker)).toBeLessThan(5_000);
        const held = await use.sql`select from ${use.sql(world.schema)}.execution where lease is not null`;
        expect(held.length).toBe(0);
      }
      expect(await world.account()).toEqual({ ...sound, outcomes: { completed: total + 40 } });
      expect(await world.runs()).toBe(total + 40);
    }, 60_000);

    it('returns when graceMs is over, and gives back what still runs', async () => {
      const world = await faultWorld(use);
      const held = await world.invoke('work', Array(10).fill({ holds: true }));
      const worker = await world.worker({ graceMs: 300 });
      await waitFor(async () => (await world.runs()) === 10);
      const tookMs = await stopped(worker);
      expect(tookMs).toBeGreaterThanOrEqual(300);
      expect(tookMs).toBeLessThan(3_000);
      const rows =
        await use.sql`select distinct state, lease, failures from ${use.sql(world.schema)}.execution`;
      expect([...rows]).toEqual([{ state: 'ready', lease: null, failures: 0 }]);
      for (const id of held) await world.conductor.cancel(id);
      expect(await world.account()).toEqual({ ...sound, outcomes: { canceled: 10 } });
    });
  },
  [18],
);
