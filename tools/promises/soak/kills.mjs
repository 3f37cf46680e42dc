// Writers that are killed at random moments and started again, over one journal and one spool: what was said to be safe is
// there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { openJournalSpool, openJournalStore } from '@throughline/journal-store';
import { RandomKiller, spawnNode, waitFor } from '@throughline/testkit';
import { runStage } from './stage.mjs';

const writerProcess = new URL('../test/fixtures/acknowledge.mjs', import.meta.url);

await runStage(async ({ seed, goesOn, tell, expect }) => {
  const root = mkdtempSync(join(tmpdir(), 'throughline-soak-'));
  const killer = new RandomKiller({ seed, withinMs: 500 });
  /** @type {Map<string, number>} how many events of a trace are safe, by mode and trace */
  const safe = new Map();
  let kills = 0;

  async function lane(/** @type {'stored' | 'spooled'} */ mode) {
    while (goesOn()) {
      const traceId = `${mode}-${kills++}`;
      const child = spawnNode(writerProcess, [join(root, mode), mode, traceId]);
      await child.waitForLine(/^ready/, 30_000);
      await killer.kill(child);
      safe.set(traceId, Number.parseInt(child.lines.findLast((line) => line.endsWith(' safe')) ?? '0', 10));
      expect(child.errorLines.length === 0, `a writer said ${child.errorLines[0]}`);
      if (kills % 50 === 0) tell(`${kills} kills, ${total()} events said to be safe`);
    }
  }
  const total = () => [...safe.values()].reduce((sum, count) => sum + count, 0);

  await Promise.all([lane('stored'), lane('spooled')]);

  const journal = await openJournalStore({ directory: join(root, 'stored') });
  const replayed = new MemoryTraceStore({ maxEvents: 100_000_000 });
  const spool = await openJournalSpool({ directory: join(root, 'spooled'), batchEvents: 1000 });
  const writer = new EventWriter(replayed, { spool, process: false });
  await waitFor(() => spool.health().segments === 0, { what: 'the spool to be empty', timeoutMs: 300_000 });
  await writer.close();
  let missing = 0;
  for (const [traceId, count] of safe) {
    const store = traceId.startsWith('stored') ? journal : replayed;
    const found = new Set((await store.getTrace(traceId)).map(({ span_id }) => span_id));
    const lost = Array.from({ length: count }, (_, n) => `S${n}`).filter((spanId) => !found.has(spanId));
    expect(lost.length === 0, `${traceId} lacks ${lost.length} of ${count}, the first is ${lost[0]}`);
    missing += lost.length;
  }
  await Promise.all([journal.close(), spool.close()]);
  rmSync(root, { recursive: true });
  return `${kills} kills, ${total()} events said to be safe, ${missing} of them missing`;
});
