import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { onPostgres } from '../on-postgres.ts';
import { type FaultWorld, faultWorld, sound, stopped } from './fault-world.ts';

/** Runs of the same key that overlap, by the clock of the server. */
async function overlaps({ sql, schema }: FaultWorld): Promise<number> {
  const note = sql(`${schema}_note`);
  const rows = await sql`select from ${note} a join ${note} b on a.key <> '' and a.key = b.key and a.id < b.id
    where (a.started, a.ended) overlaps (b.started, b.ended)`;
  return rows.length;
}

onPostgres('a task with concurrency 1, in three orchestrators', (use) => {
  it('never runs twice at the same time, for each of its keys', async () => {
    const world = await faultWorld(use);
    await world.invoke('single', Array(60).fill({ ms: 3, key: 'all' }));
    const workers = await Promise.all([1, 2, 3].map(() => world.worker()));
    const keyed = [...Array(150).keys()].map((n) => ({ ms: n % 4, key: `k${n % 5}` }));
    for (let n = 0; n < keyed.length; n += 15) await world.invoke('keyed', keyed.slice(n, n + 15));
    await waitFor(async () => (await world.ended()) === 210, { timeoutMs: 20_000 });
    for (const worker of workers) await stopped(worker);
    expect(await world.account()).toEqual({ ...sound, outcomes: { completed: 210 } });
    expect(await world.runs()).toBe(210);
    expect(await overlaps(world)).toBe(0);
  });

  it('nor when their clocks are an hour fast and an hour slow', async () => {
    const world = await faultWorld(use);
    const skewed = (ms: number): object => ({
      process: {
        env: { SKEW_MS: String(ms) },
        nodeOptions: ['--import', new URL('fixtures/fast-clock.mjs', import.meta.url).href],
      },
    });
    const workers = [await world.worker(skewed(3_600_000)), await world.worker(skewed(-3_600_000))];
    await world.invoke('single', Array(30).fill({ ms: 2, key: 'all', fails: 1 }));
    await world.invoke('work', Array(200).fill({ fails: 1 }));
    const delayed = await world.conductor.invoke({ name: 'work' }, {}, { delayMs: 500 });
    world.expectId(delayed);
    await waitFor(async () => (await world.ended()) === 231, { timeoutMs: 20_000 });
    for (const worker of workers) await stopped(worker);
    expect(await world.account()).toEqual({ ...sound, outcomes: { completed: 231 } });
    expect(await world.runs()).toBe(461);
    expect(await overlaps(world)).toBe(0);
    const [row] = await use.sql`select finished_at - run_at between '0' and '5 s' as on_time
      from ${use.sql(world.schema)}.history where id = ${delayed}`;
    expect(row?.on_time).toBe(true);
  });
});
