import type { WriterStats } from '@throughline/core';
import { EventWriter, MemoryTraceStore, type TraceEvent } from '@throughline/core/events';
import { describe, expect, it } from 'vitest';
import { AccountObserver, checkAccount, VirtualClock } from '../src/index.ts';

const exact: WriterStats = {
  ...new EventWriter(new MemoryTraceStore(), { process: false }).stats(),
  accepted: 21,
  stored: 1,
  duplicates: 2,
  spooled: 3,
  dropped: { buffer_full: 4, closed: 5 },
  rejected: 0,
  buffered: 6,
};

function event(n: number): TraceEvent {
  return { trace_id: 'T1', span_id: `S${n}`, event_type: 'a:progress', timestamp: '2026-01-31T12:00:00Z' };
}

describe('checkAccount', () => {
  it('returns an account that is exact', () => {
    expect(checkAccount(exact)).toBe(exact);
  });

  it('names both sides of one that is not', () => {
    expect(() => checkAccount({ ...exact, accepted: 22 })).toThrow('22 were accepted, 21 are accounted for');
  });

  it.each([-1, 0.5, Number.NaN])('takes %s for no count', (rejected) => {
    expect(() => checkAccount({ ...exact, accepted: 21 + rejected, rejected })).toThrow('counts');
  });
});

describe('AccountObserver', () => {
  it('looks at every step of a writer, and lets it work as ever', async () => {
    const account = new AccountObserver();
    const clock = new VirtualClock();
    const store = new MemoryTraceStore();
    const writer = new EventWriter(account.through(store), { clock: account.through(clock), process: false });
    account.watch(writer);
    for (let n = 0; n < 250; n++) writer.emit(event(n));
    await clock.advance(100);
    expect(await store.getTrace('T1')).toHaveLength(250);
    expect(account.violations).toEqual([]);
    expect(account.checks).toBeGreaterThan(9);
    expect(account.mostBuffered).toBe(250);
  });

  it('keeps what it finds', async () => {
    const account = new AccountObserver();
    let stats = exact;
    account.watch({ stats: () => stats });
    const store = account.through(new MemoryTraceStore());
    stats = { ...exact, buffered: 7 };
    await store.append([]);
    stats = { ...exact, accepted: 20, stored: 0 };
    await store.close();
    await Promise.resolve();
    expect(account.violations).toContainEqual(
      expect.stringContaining('21 were accepted, 22 are accounted for'),
    );
    expect(account.violations).toContain('accepted fell to 20');
  });
});
