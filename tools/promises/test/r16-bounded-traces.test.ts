/**
 * R16, on stored events: the growth of a trace is bounded. Above 10,000 events it goes on in a continuation trace with a link,
 * so a loop that never ends never makes an endless trace, and a reader of any part finds the others.
 */
import { collectTrace, EventWriter, type TraceEvent } from '@throughline/core/events';
import { createTraceGraph } from '@throughline/core/trace-graph';
import { openJournalStore } from '@throughline/journal-store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { event } from './support/build-event.ts';
import { storedEvents } from './support/stored-events.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const emitted = 25_000;
/** The two that name the trace before and the one after. */
const most = 10_000 + 2;

describe('a loop that never ends', () => {
  it('is stored as traces of bounded size, each linked to the next', async () => {
    const store = await openJournalStore({ directory: await temporaryDirectory(), sync: 'none' });
    onTestFinished(() => store.close());
    const writer = new EventWriter(store, { process: false, maxEvents: emitted * 2 });
    writer.emit(event({ span_id: 'loop', event_type: 'loop:started' }));
    for (let n = 1; n < emitted; n++)
      writer.emit(event({ parent_span_id: 'loop', event_type: 'tick:noted' }));
    expect((await writer.close({ timeoutMs: 60_000 })).complete).toBe(true);

    const { traces } = await store.listTraces();
    expect(traces).toHaveLength(3);
    expect(Math.max(...traces.map(({ events }) => events))).toBeLessThanOrEqual(most);
    const all = await storedEvents(store);
    const isOwn = ({ event_type }: TraceEvent): boolean => event_type.startsWith('throughline:');
    expect(all.filter((each) => !isOwn(each))).toHaveLength(emitted);

    for (const { traceId } of traces) {
      const { events } = await collectTrace(store, traceId);
      expect(events).toHaveLength(all.length);
      expect(createTraceGraph(events, { traceId }).explainFailure().toText()).toContain('loop');
    }
  }, 60_000);
});
