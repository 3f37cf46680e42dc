/** Everything at once, from one seed: 300 invocations here, more with THROUGHLINE_INVOCATIONS. */
import { SeededRandom, waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import type { InvokeOptions } from '../../src/index.ts';
import { onPostgres } from '../on-postgres.ts';
import { type FaultWorld, faultWorld, sound, stopped, type Work } from './fault-world.ts';

const invocations = Number(process.env.THROUGHLINE_INVOCATIONS ?? 300);

function randomWork(random: SeededRandom): Work {
  return {
    ms: random.below(6),
    fails: random.of([0, 0, 0, 1, 2]),
    dies: random.below(12) === 0,
    key: `k${random.below(4)}`,
  };
}

function randomOptions(random: SeededRandom): InvokeOptions {
  switch (random.below(6)) {
    case 0:
      return { delayMs: random.below(400) };
    case 1:
      return { dedupeKey: `d${random.below(8)}` };
    case 2:
      return { throttle: { key: `t${random.below(4)}`, windowMs: 2_000 } };
    case 3:
      return { priority: random.below(5) };
    case 4:
      return { debounce: { key: `b${random.below(4)}`, delayMs: 50 } };
    default:
      return {};
  }
}

async function invokeAndCancel(world: FaultWorld, random: SeededRandom): Promise<number> {
  let throttled = 0;
  const ids: string[] = [];
  for (let n = 0; n < invocations / 3; n += 1) {
    const name = random.of(['work', 'work', 'once', 'single', 'keyed']);
    const id = await world.conductor.invoke({ name }, randomWork(random), randomOptions(random));
    world.expectId(id);
    if (id === null) throttled += 1;
    else ids.push(id);
    if (random.below(8) === 0 && ids.length > 0) await world.conductor.cancel(random.of(ids));
  }
  return throttled;
}

onPostgres(
  'a random workload',
  (use) => {
    it(`of ${invocations} invocations leaves every row at its end, and none too many`, async () => {
      const world = await faultWorld(use);
      const random = new SeededRandom();
      const workers = [await world.worker(), await world.worker({ concurrency: 3, batchSize: 5 })];
      const lanes = await Promise.all([1, 2, 3].map(() => invokeAndCancel(world, random.fork())));
      await waitFor(async () => (await use.sql`select from ${use.sql(world.schema)}.execution`).length < 5, {
        timeoutMs: 20_000,
      });
      for (const worker of workers) await stopped(worker);
      const { outcomes, ...rest } = await world.account();
      const { seed } = random;
      expect({ ...rest, seed }).toEqual({ ...sound, seed });
      expect(Object.keys(outcomes).sort()).toEqual(['canceled', 'completed', 'failed']);
      expect(lanes.some((throttled) => throttled > 0)).toBe(true);
    }, 120_000);
  },
  [14],
);
