import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { openJournalSpool } from '@throughline/journal-store';
import { waitFor } from '@throughline/testkit';

/** Does what the next start of an application does: brings everything in a spool to its store. */
export async function replaySpool(directory: string): Promise<MemoryTraceStore> {
  const store = new MemoryTraceStore({ maxEvents: 10_000_000 });
  const spool = await openJournalSpool({ directory, batchEvents: 1000 });
  const writer = new EventWriter(store, { spool, process: false });
  await waitFor(() => spool.health().segments === 0, { what: 'the spool to be empty', timeoutMs: 60_000 });
  await writer.close();
  await spool.close();
  return store;
}
