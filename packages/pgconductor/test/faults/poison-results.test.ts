import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { onPostgres } from '../on-postgres.ts';
import { faultWorld, sound, stopped } from './fault-world.ts';

/** Of `poisons.mjs`: what is kept, characters replaced that PostgreSQL cannot keep, */
const kept = [
  'nul',
  'nulInKey',
  'loneSurrogate',
  'otherSurrogate',
  'escapedNul',
  'deeplyNested',
  'notANumber',
];
/** and what makes its execution fail. */
const refused = [
  'huge',
  'hugeWide',
  'circular',
  'bigint',
  'throwingToJson',
  'lyingToJson',
  'symbol',
  'functionAlone',
  'hostile',
  'throwsNothing',
  'throwsNul',
  'throwsHuge',
  'throwsHostile',
  'throwsGetter',
  'throwsDeepCause',
];
const names = [...kept, ...refused];

onPostgres(
  'a result or an error that nobody should make',
  (use) => {
    it('fails its own execution only, and says why', async () => {
      const world = await faultWorld(use);
      const works = names.flatMap((poison) => [{ poison }, {}, {}]);
      const ids = await world.invoke('once', works);
      const worker = await world.worker({ concurrency: 500 });
      await waitFor(async () => (await world.ended()) === works.length, { timeoutMs: 15_000 });
      await stopped(worker);
      const rows = await use.sql`select id::text, outcome, error from ${use.sql(world.schema)}.history`;
      const byId = new Map(rows.map((row) => [row.id, row]));
      const ends = names.map((poison, place) => [poison, byId.get(ids[place * 3] ?? '')?.outcome]);
      expect(Object.fromEntries(ends)).toEqual(
        Object.fromEntries(names.map((poison) => [poison, kept.includes(poison) ? 'completed' : 'failed'])),
      );
      expect(
        rows.filter(({ outcome, error }) => outcome === 'failed' && typeof error?.message !== 'string'),
      ).toEqual([]);
      const { outcomes, ...rest } = await world.account();
      expect({ outcomes, rest }).toEqual({
        outcomes: { completed: kept.length + 2 * names.length, failed: refused.length },
        rest: sound,
      });
    });
  },
  [14],
);
