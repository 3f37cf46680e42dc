import type { Task } from '@throughline/pgconductor';
import type { Shop } from '../shop.ts';

/** Counts what was earned: every second here, so that nobody waits for midnight. */
export function countingTakings(shop: Shop): Task {
  return shop.createTask(
    { name: 'count-takings', queue: 'books' },
    { cron: '* * * * * *', name: 'every second' },
    async ({ payload: { dueAt } }, ctx) => {
      const cents = await ctx.database.countTakings(dueAt);
      if (cents > 0) ctx.tell(`takings so far: ${(cents / 100).toFixed(2)} €`);
    },
  );
}
