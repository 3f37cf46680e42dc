/** SIGKILL at random moments and at chosen ones: 10 here, more with THROUGHLINE_KILLS. */
import { RandomKiller, waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { onPostgres, type TestPostgres } from '../on-postgres.ts';
import { type FaultWorld, faultWorld, sound } from './fault-world.ts';

const kills = Number(process.env.THROUGHLINE_KILLS ?? 10);

/** Holds a lock that a statement of the engine needs, from before it comes until after its process is gone. */
async function killWhile(
  use: TestPostgres,
  world: FaultWorld,
  [table, statement]: readonly [string, string],
): Promise<void> {
  const holder = postgres(use.url, { max: 1, onnotice: () => {} });
  const waiting = async (): Promise<boolean> =>
    (
      await use.sql`select from pg_stat_activity where wait_event_type = 'Lock'
        and query like ${`%${world.schema}%.${statement}(%`}`
    ).length > 0;
  await world.invoke('work', Array(20).fill({}));
  await holder.begin(async (lock) => {
    await lock`lock table ${lock(world.schema)}.${lock(table)} in share mode`;
    const victim = await world.worker();
    await waitFor(waiting, { what: `a ${statement} that waits`, timeoutMs: 15_000 });
    await victim.kill();
  });
  await holder.end();
}

onPostgres('workers that are killed', (use) => {
  it(`lose nothing and leave nothing behind, at ${kills} random moments`, async () => {
    const world = await faultWorld(use);
    const killer = new RandomKiller({ withinMs: 120 });
    const total = 60 * kills;
    await world.invoke(
      'work',
      [...Array(total).keys()].map((n) => ({ ms: n % 5, fails: n % 17 === 0 ? 1 : 0 })),
    );
    await world.invoke(
      'keyed',
      [...Array(20).keys()].map((n) => ({ key: `k${n % 3}` })),
    );
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (begun < kills) {
        begun += 1;
        await killer.kill(await world.worker({ concurrency: 5, batchSize: 20 }));
      }
    };
    await Promise.all([lane(), lane()]);
    expect({ ...(await world.account()), seed: killer.seed }).toEqual({
      ...sound,
      outcomes: { completed: total + 20 },
      seed: killer.seed,
    });
  }, 300_000);

  it('do not run again what may only be tried once', async () => {
    const world = await faultWorld(use);
    await world.invoke('once', Array(40).fill({ ms: 30 }));
    const victim = await world.worker({ concurrency: 5 });
    await waitFor(async () => (await world.runs()) > 5);
    await victim.kill();
    const { outcomes, ...rest } = await world.account();
    expect(rest).toEqual(sound);
    expect((outcomes.completed ?? 0) + (outcomes.failed ?? 0)).toBe(40);
    expect(outcomes.failed).toBeGreaterThan(0);
    expect(await world.runs()).toBeLessThanOrEqual(40);
  });

  it.each([
    ['settle', ['history', 'complete']],
    ['claim', ['lease', 'claim']],
  ] as const)('in the middle of a %s leave it done or undone, never half', async (_, at) => {
    const world = await faultWorld(use);
    await killWhile(use, world, at);
    expect(await world.account()).toEqual({ ...sound, outcomes: { completed: 20 } });
  });
});
