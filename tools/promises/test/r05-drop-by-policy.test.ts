/**
 * R5: beyond the limit a writer drops by policy and never blocks: failures survive longest, then ends, then others;
 * progress goes first; of equals, the oldest goes. What was torn says so, by an event in its trace.
 */
import { EventWriter, MemoryTraceStore, type TraceEvent } from '@throughline/core/events';
import { checkAccount, VirtualClock } from '@throughline/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedEvents } from './support/stored-events.ts';

const ranks: Readonly<Record<string, number>> = {
  'job:progress': 0,
  'job:started': 1,
  'job:queued': 1,
  'ai:decision': 1,
  'job:completed': 2,
  'job:canceled': 2,
  'job:retrying': 2,
  'job:suspended': 2,
  'job:failed': 3,
  'job:stalled': 3,
};

const streams = fc.array(
  fc.record({
    event_type: fc.constantFrom(...Object.keys(ranks)),
    trace_id: fc.constantFrom('T1', 'T2', 'T3'),
  }),
  { minLength: 1, maxLength: 300 },
);

/** Which of a stream survive in a buffer of `room` events. */
function survivors(stream: readonly TraceEvent[], room: number): TraceEvent[] {
  const order = stream.map((each, at) => ({ each, rank: ranks[each.event_type] ?? 1, at }));
  return order
    .sort((a, b) => b.rank - a.rank || b.at - a.at)
    .slice(0, room)
    .map(({ each }) => each);
}

function spanIds(list: readonly TraceEvent[]): string[] {
  return list.map(({ span_id }) => span_id).sort();
}

describe('a stream that is longer than its buffer', () => {
  it('keeps what matters most, and tells in each trace how much of it is gone', async () => {
    const room = fc.integer({ min: 1, max: 60 });
    await fc.assert(
      fc.asyncProperty(streams, room, async (drafts, maxEvents) => {
        const stream = drafts.map((draft, at) => ({
          ...draft,
          span_id: `S${at}`,
          timestamp: '2026-01-31T12:00:00.000000Z',
        }));
        const clock = new VirtualClock();
        const store = new MemoryTraceStore();
        // The clock stands still, and no batch is full: nothing leaves while the stream comes in.
        const writer = new EventWriter(store, { clock, process: false, maxEvents, batchEvents: 1000 });
        for (const each of stream) writer.emit(each);
        await clock.advance(60_000);

        const kept = await storedEvents(store);
        const isGap = ({ event_type }: TraceEvent): boolean => event_type === 'throughline:gap';
        const expected = survivors(stream, maxEvents);
        expect(spanIds(kept.filter((each) => !isGap(each)))).toEqual(spanIds(expected));
        for (const trace of ['T1', 'T2', 'T3']) {
          const inTrace = ({ trace_id }: TraceEvent): boolean => trace_id === trace;
          const told = kept.filter(isGap).filter(inTrace);
          const dropped = stream.filter(inTrace).length - expected.filter(inTrace).length;
          expect(told.reduce((sum, { data }) => sum + Number(data?.dropped), 0)).toBe(dropped);
        }
        expect(checkAccount(writer.stats()).buffered).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
