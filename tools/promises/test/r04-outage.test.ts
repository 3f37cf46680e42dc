/**
 * R4: while the store is down nothing is lost, up to the limit of the spool: ten minutes at 1,000 events a second.
 *
 * In virtual time, over a journal spool on the real disk.
 */
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { openJournalSpool } from '@throughline/journal-store';
import { AccountObserver, checkAccount, HostileStore, UnderWay, VirtualClock } from '@throughline/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from './support/temporary-directory.ts';

const seconds = 600;
const perSecond = 1000;
/** How many come at once. */
const burst = 250;

describe('a store that is down for ten minutes', () => {
  it('has every event once when it is back, and the account was exact all the time', async () => {
    const underWay = new UnderWay();
    const account = new AccountObserver();
    const clock = new VirtualClock({ underWay: () => underWay.work() });
    const inner = new MemoryTraceStore({ maxEvents: 1_000_000 });
    const store = new HostileStore({ inner, faults: ['is unavailable', 'rejects', 'hangs'] });
    const journal = await openJournalSpool({ directory: await temporaryDirectory(), sync: 'none' });
    onTestFinished(() => journal.close());
    const writer = new EventWriter(store, {
      spool: account.through(underWay.through(journal)),
      clock: account.through(clock),
      process: false,
    });
    account.watch(writer);

    let emitted = 0;
    while (emitted < seconds * perSecond) {
      for (let n = 0; n < burst; n++) writer.emit(made(emitted++));
      await clock.advance((1000 * burst) / perSecond);
    }
    expect(checkAccount(writer.stats())).toMatchObject({
      accepted: emitted,
      stored: 0,
      dropped: {},
      rejected: 0,
    });
    expect(account.mostBuffered).toBeLessThanOrEqual(10_000);

    store.faults = [];
    await clock.advance(seconds * 1000);

    const { stored, duplicates, ...rest } = checkAccount(writer.stats());
    expect(stored + duplicates).toBe(emitted);
    expect(rest).toMatchObject({ spooled: 0, buffered: 0, dropped: {}, rejected: 0 });
    expect(account.violations).toEqual([]);
    expect(await countOf(inner)).toBe(emitted);
  }, 120_000);
});

function made(n: number): Parameters<EventWriter['emit']>[0] {
  return {
    // A hundred events a trace.
    trace_id: `T${Math.floor(n / 100)}`,
    span_id: `S${n}`,
    event_type: 'job:completed',
    timestamp: '2026-01-31T12:00:00.000000Z',
    event_id: `E${n}`,
  };
}

async function countOf(store: MemoryTraceStore): Promise<number> {
  const ids = new Set<string | undefined>();
  for (let trace = 0; trace < (seconds * perSecond) / 100; trace++) {
    for (const { event_id } of await store.getTrace(`T${trace}`)) ids.add(event_id);
  }
  return ids.size;
}
