/**
 * R6: what `flush()` has said to be complete survives SIGKILL, in the store or in the spool.
 *
 * Real processes, a real journal, kills at random moments: 40 here, 200 in `pnpm release:check`.
 */
import type { TraceStore } from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import { RandomKiller, spawnNode } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { replaySpool } from './support/replay-spool.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const kills = Number(process.env.THROUGHLINE_KILLS ?? 40);
const atOnce = 4;
/** On a busy machine a writer that is killed soon after its start has said nothing yet. */
const tensAreSafe = /^\d{2,} safe/;
const writerProcess = new URL('fixtures/acknowledge.mjs', import.meta.url);

type Mode = 'stored' | 'spooled';

/** Starts writers and kills every other one while it is young; how many events of each trace were said to be safe. */
async function killWriters(
  directory: string,
  mode: Mode,
  killer: RandomKiller,
): Promise<Map<string, number>> {
  const safe = new Map<string, number>();
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < kills / 2) {
      const isYoung = begun % 2 === 0;
      const traceId = `W${begun++}`;
      const child = spawnNode(writerProcess, [directory, mode, traceId]);
      await child.waitForLine(isYoung ? /^ready/ : tensAreSafe);
      await killer.kill(child);
      const last = child.lines.findLast((line) => line.endsWith(' safe')) ?? '0';
      safe.set(traceId, Number.parseInt(last, 10));
      expect(child.errorLines).toEqual([]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return safe;
}

/** Which of the events that were said to be safe are not there. */
async function missingIn(store: TraceStore, safe: ReadonlyMap<string, number>): Promise<string[]> {
  const missing: string[] = [];
  for (const [traceId, count] of safe) {
    const found = new Set((await store.getTrace(traceId)).map(({ span_id }) => span_id));
    for (let n = 0; n < count; n++) if (!found.has(`S${n}`)) missing.push(`${traceId} S${n}`);
  }
  return missing;
}

function total(safe: ReadonlyMap<string, number>): number {
  return [...safe.values()].reduce((sum, count) => sum + count, 0);
}

describe(`writers that are killed at ${kills} random moments`, () => {
  it('have lost nothing that was said to be stored', async () => {
    const directory = await temporaryDirectory();
    const killer = new RandomKiller({ withinMs: 60 });
    const safe = await killWriters(directory, 'stored', killer);
    const store = await openJournalStore({ directory });
    expect({ missing: await missingIn(store, safe), seed: killer.seed }).toEqual({
      missing: [],
      seed: killer.seed,
    });
    expect(total(safe)).toBeGreaterThan(kills);
    await store.close();
  }, 300_000);

  it('have lost nothing that was said to be spooled: the next process brings it to the store', async () => {
    const directory = await temporaryDirectory();
    const killer = new RandomKiller({ withinMs: 60 });
    const safe = await killWriters(directory, 'spooled', killer);
    const store = await replaySpool(directory);
    expect({ missing: await missingIn(store, safe), seed: killer.seed }).toEqual({
      missing: [],
      seed: killer.seed,
    });
    expect(total(safe)).toBeGreaterThan(kills);
  }, 300_000);
});
