import type { WriterStats } from '@throughline/core';

/**
 * Checks the account of a writer: `accepted = stored + duplicates + spooled + dropped + rejected + buffered`, all of them
 * whole numbers, none negative.
 *
 * @returns the same stats
 * @throws Error that names both sides
 * @example
 * ```ts
 * import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
 * import { checkAccount } from '@throughline/testkit';
 *
 * const writer = new EventWriter(new MemoryTraceStore());
 * checkAccount(writer.stats());
 * ```
 */
export function checkAccount<S extends WriterStats>(stats: S): S {
  const problem = imbalanceOf(stats);
  if (problem !== undefined) throw new Error(problem);
  return stats;
}

/** What is wrong with an account; `undefined` when it is exact. */
export function imbalanceOf(stats: WriterStats): string | undefined {
  const { accepted, stored, duplicates, spooled, rejected, buffered } = stats;
  const dropped = Object.values(stats.dropped);
  const parts = [stored, duplicates, spooled, ...dropped, rejected, buffered];
  const told = JSON.stringify({
    accepted,
    stored,
    duplicates,
    spooled,
    dropped: stats.dropped,
    rejected,
    buffered,
  });
  if (![accepted, ...parts].every(isCount)) return `Not all of the account are counts: ${told}`;
  const sum = parts.reduce((total, count) => total + count, 0);
  return sum === accepted ? undefined : `${accepted} were accepted, ${sum} are accounted for: ${told}`;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
