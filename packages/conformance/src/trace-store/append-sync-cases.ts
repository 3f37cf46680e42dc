import { isThroughlineError } from '@throughline/core';
import type { AppendResult, TraceEvent, TraceStore } from '@throughline/core/events';
import {
  demand,
  demandRejection,
  demandSame,
  demandSameMembers,
  describe,
  rejectionOf,
} from '../suite/demand.ts';
import { noEvents } from './hostile-values.ts';
import { encoded, idsOf, sampleEvent, sampleTrace } from './sample-events.ts';
import type { StoreCase } from './store-case.ts';

/** `appendSync`: the last words of a process. */
export const appendSyncCases: readonly StoreCase[] = [
  {
    id: '26a',
    title: 'has stored what appendSync was given when that returns',
    needs: ['appendSync'],
    async run({ store }) {
      const [first, ...rest] = sampleTrace('T1', 4);
      demand(first !== undefined, 'there is no sample');
      await store.append([first]);
      const bad = noEvents();
      const result = appendSync(store, [...rest, first, ...rest, ...bad]);
      const counts = [result.stored, result.duplicates, result.rejected.length];
      demandSame(counts, [3, 4, bad.length], 'stored, duplicates and rejected');
      demandSameMembers(
        idsOf(await store.getTrace('T1')),
        idsOf([first, ...rest]),
        'the events of the trace',
      );
      demandSame((await store.append(rest)).duplicates, 3, 'the duplicates of an append after it');
      const literal = sampleEvent('T2', 1, { event_id: undefined, data: { text: 'näme', nul: 'a\u0000b' } });
      appendSync(store, [literal]);
      demandSameMembers(await store.getTrace('T2'), [encoded(literal)], 'the event without an id');
    },
    async otherwise({ store }) {
      demand(
        store.appendSync === undefined,
        'the store has appendSync: give the harness { appendSync: true }',
      );
    },
  },
  {
    id: '26b',
    title: 'leaves what appendSync was given to every other store over the place, without being closed',
    needs: ['appendSync', 'place'],
    async run({ store, open }) {
      appendSync(store, sampleTrace('T1', 5));
      demandSameMembers(
        await (await open()).getTrace('T1'),
        sampleTrace('T1', 5),
        'what another store reads',
      );
    },
  },
  {
    id: '26c',
    title: 'throws from appendSync with THROUGHLINE_STORE_UNAVAILABLE when it cannot be reached',
    needs: ['appendSync', 'interrupt'],
    async run({ store, interrupt }) {
      await interrupt();
      const error = await rejectionOf(() => appendSync(store, sampleTrace('T1', 2)));
      demand(
        isThroughlineError(error, 'THROUGHLINE_STORE_UNAVAILABLE'),
        `appendSync ${error === undefined ? 'did not throw' : `threw ${describe(error)}`}`,
      );
    },
  },
  {
    id: '26d',
    title: 'throws from appendSync with THROUGHLINE_STORE_CLOSED after it was closed',
    needs: ['appendSync'],
    async run({ store }) {
      await store.close();
      const call = (): unknown => appendSync(store, sampleTrace('T1', 2));
      await demandRejection(call, 'THROUGHLINE_STORE_CLOSED', 'appendSync');
    },
  },
];

/** Nothing of it may come later: a promise would never be looked at. */
function appendSync(store: TraceStore, events: readonly TraceEvent[]): AppendResult {
  const result = store.appendSync?.(events);
  demand(result !== undefined, 'the store has no appendSync');
  demand(!('then' in result), 'appendSync returned a promise');
  return result;
}
