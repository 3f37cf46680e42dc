/**
 * R3: memory is bounded, in events and in bytes, and every drop is counted.
 *
 * The account is looked at whenever a writer calls its store or its clock, is answered, or has a timer: it is exact each
 * time, whatever the store does. Random interleavings of faults, floods and flushes are in
 * `packages/core/src/events/event-account.test.ts`; a heap that stays flat for minutes is in `pnpm soak`.
 */
import { EventWriter, type TraceEvent } from '@throughline/core/events';
import {
  AccountObserver,
  checkAccount,
  HostileStore,
  spawnNode,
  storeFaults,
  VirtualClock,
} from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { event, events } from './support/build-event.ts';
import { storedEvents } from './support/stored-events.ts';

const maxEvents = 300;

describe.each(storeFaults)('a writer whose store %s', (fault) => {
  it('has an exact account at every step, and never more events than it may', async () => {
    const account = new AccountObserver();
    const clock = new VirtualClock();
    const store = new HostileStore({ faults: [fault, fault, fault, 'works'], clock });
    const observed = { clock: account.through(clock), maxEvents, batchEvents: 20, appendTimeoutMs: 1000 };
    const writer = new EventWriter(account.through(store), observed);
    account.watch(writer);

    for (let burst = 0; burst < 20; burst++) {
      for (const each of events(250, { trace_id: `T${burst}` })) writer.emit(each);
      account.check();
      await clock.advance(burst % 3 === 0 ? 20_000 : 300);
    }
    store.faults = [];
    await clock.advance(600_000);

    expect(account.violations).toEqual([]);
    expect(account.checks).toBeGreaterThan(100);
    expect(account.mostBuffered).toBeLessThanOrEqual(maxEvents);
    const { stored, duplicates, rejected, buffered } = checkAccount(writer.stats());
    expect(buffered).toBe(0);
    const kept = await storedEvents(store);
    expect(kept.length).toBeGreaterThanOrEqual(stored);
    // What was stored behind an error is a duplicate at the next try; what failed three times alone has no next try.
    expect(kept.length).toBeLessThanOrEqual(stored + duplicates + rejected);
  });
});

describe('a writer whose store is down', () => {
  it('never holds more bytes than it may', async () => {
    const maxBytes = 100_000;
    const clock = new VirtualClock();
    const store = new HostileStore({ faults: ['is unavailable'] });
    const writer = new EventWriter(store, { clock, maxBytes, process: false });
    for (let n = 0; n < 2000; n++) writer.emit(event({ data: { note: 'ä'.repeat((n * 37) % 4000) } }));
    await clock.advance(5_000);
    store.faults = [];
    await clock.advance(120_000);

    const kept = (await storedEvents(store)).filter(({ event_type }) => event_type !== 'throughline:gap');
    expect(bytesOf(kept)).toBeLessThanOrEqual(maxBytes);
    expect(bytesOf(kept)).toBeGreaterThan(maxBytes * 0.8);
    expect(checkAccount(writer.stats())).toMatchObject({ dropped: { buffer_full: 2000 - kept.length } });
  });

  it('lives in a heap that could not hold what was emitted', async () => {
    const emitted = 150_000;
    const child = spawnNode(new URL('fixtures/dead-store.mjs', import.meta.url), [String(emitted)], {
      nodeOptions: ['--max-old-space-size=48'],
    });
    const { code } = await child.exited;
    expect({ code, errors: child.errorLines }).toEqual({ code: 0, errors: [] });
    const stats = checkAccount(JSON.parse(child.lines[0] ?? ''));
    expect(stats.accepted).toBe(emitted + 1);
    expect(stats.buffered).toBe(5_000);
  });
});

function bytesOf(kept: readonly TraceEvent[]): number {
  return kept.reduce((sum, each) => sum + Buffer.byteLength(JSON.stringify(each)), 0);
}
