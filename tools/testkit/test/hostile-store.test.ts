import { EventWriter, type TraceEvent } from '@throughline/core/events';
import { describe, expect, it } from 'vitest';
import { checkAccount, HostileStore, storeFaults, VirtualClock } from '../src/index.ts';

function event(n: number): TraceEvent {
  return { trace_id: 'T1', span_id: `S${n}`, event_type: 'a:progress', timestamp: '2026-01-31T12:00:00Z' };
}

const batch = (): TraceEvent[] => [event(1), event(2)];

describe('HostileStore', () => {
  it('works when it has no fault', async () => {
    const store = new HostileStore();
    expect(await store.append(batch())).toMatchObject({ stored: 2 });
    expect(await store.getTrace('T1')).toHaveLength(2);
  });

  it('goes from one fault to the next, over and over', async () => {
    const store = new HostileStore({ faults: ['rejects', 'works'] });
    const outcomes = [1, 2, 3, 4].map((n) =>
      store.append([event(n)]).then(
        ({ stored }) => stored,
        () => 'rejected',
      ),
    );
    expect(await Promise.all(outcomes)).toEqual(['rejected', 1, 'rejected', 1]);
    expect(store.appends).toBe(4);
  });

  it.each(storeFaults.filter((fault) => fault.startsWith('stores')))(
    'has stored when it %s',
    async (fault) => {
      const store = new HostileStore({ faults: [fault] });
      try {
        void Promise.resolve(store.append(batch())).catch(() => {});
      } catch {}
      await new Promise((resolve) => setTimeout(resolve));
      expect(await store.getTrace('T1')).toHaveLength(fault === 'stores half and rejects' ? 1 : 2);
    },
  );

  it.each(storeFaults)('is seen through by a writer when it %s', async (fault) => {
    const clock = new VirtualClock();
    const store = new HostileStore({ faults: ['works', fault, fault], clock });
    const writer = new EventWriter(store, { clock, batchEvents: 10 });
    for (let n = 0; n < 100; n++) writer.emit(event(n));
    await clock.advance(600_000);
    const { stored, duplicates, buffered } = checkAccount(writer.stats());
    expect(buffered).toBe(0);
    const kept = (await store.listTraces()).traces.reduce((sum, { events }) => sum + events, 0);
    expect(kept).toBeGreaterThanOrEqual(stored);
    expect(kept).toBeLessThanOrEqual(stored + duplicates);
  });
});
