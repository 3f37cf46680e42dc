import type { TraceEvent, TraceStore } from '@throughline/core/events';
import { demand, demandRejection, demandSame, demandSameMembers } from '../suite/demand.ts';
import { idsOf, sampleEvent, sampleTrace } from './sample-events.ts';
import type { StoreCase } from './store-case.ts';

const unsupported = 'THROUGHLINE_STORE_UNSUPPORTED';

/** `tail`: what a follower sees, and when it is over. */
export const tailCases: readonly StoreCase[] = [
  {
    id: '20a',
    title: 'yields each event that is stored after the call, once, and none before',
    needs: ['tail'],
    async run({ store }) {
      await store.append(sampleTrace('T0', 3));
      const stop = new AbortController();
      const tail = store.tail({}, { signal: stop.signal });
      const events = [...sampleTrace('T1', 5), ...sampleTrace('T2', 5)];
      await store.append(events.slice(0, 6));
      await store.append(events);
      await store.append([...sampleTrace('T0', 3), ...events]);
      stop.abort();
      demandSameMembers(await rest(tail), idsOf(events), 'the events of the tail');
    },
  },
  {
    id: '20b',
    title: 'yields the events of traces that match when they are stored',
    needs: ['tail'],
    async run({ store }) {
      const stop = new AbortController();
      const tail = store.tail({ tag: 'vip', eventType: 'job:started' }, { signal: stop.signal });
      await store.append([sampleEvent('T1', 1, { tags: ['vip'] }), sampleEvent('T2', 1, { tags: ['vip2'] })]);
      await store.append([sampleEvent('T1', 2, { event_type: 'job:started' }), sampleEvent('T2', 2)]);
      await store.append([sampleEvent('T1', 3), sampleEvent('T3', 3, { event_type: 'job:started' })]);
      stop.abort();
      demandSameMembers(await rest(tail), ['T1/2', 'T1/3'], 'the events of the tail');
    },
  },
  {
    id: '20c',
    title: 'ignores limit and cursor',
    needs: ['tail'],
    async run({ store }) {
      const stop = new AbortController();
      const tail = store.tail({ limit: 1, cursor: '0 T9' }, { signal: stop.signal });
      const events = sampleTrace('T1', 5);
      await store.append(events);
      stop.abort();
      demandSameMembers(await rest(tail), idsOf(events), 'the events of the tail');
    },
  },
  {
    id: '20d',
    title: 'yields what other stores over the place store',
    needs: ['tail', 'place'],
    async run({ store, open }) {
      const other = await open();
      const stop = new AbortController();
      const tail = store.tail({}, { signal: stop.signal })[Symbol.asyncIterator]();
      const events = sampleTrace('T1', 6);
      await other.append(events.slice(0, 3));
      const first = [await tail.next(), await tail.next(), await tail.next()].map(({ value }) => value);
      await other.append(events.slice(3));
      const second = [await tail.next(), await tail.next(), await tail.next()].map(({ value }) => value);
      stop.abort();
      demandSameMembers(idsOf([...first, ...second]), idsOf(events), 'the events of the tail');
    },
  },
  {
    id: '21a',
    title: 'ends a tail that waits when its signal is aborted',
    needs: ['tail'],
    async run({ store }) {
      const stop = new AbortController();
      const next = store.tail({}, { signal: stop.signal })[Symbol.asyncIterator]().next();
      stop.abort();
      demand((await next).done === true, 'the tail yielded something instead of its end');
    },
  },
  {
    id: '21b',
    title: 'is over at once when the signal was aborted before',
    needs: ['tail'],
    async run({ store }) {
      const tail = store.tail({}, { signal: AbortSignal.abort() });
      await store.append(sampleTrace('T1', 2));
      demandSame(await rest(tail), [], 'the events of the tail');
    },
  },
  {
    id: '21c',
    title: 'ends a tail when the store is closed, after what was stored before',
    needs: ['tail'],
    async run({ store }) {
      const tail = store.tail();
      const events = sampleTrace('T1', 4);
      await store.append(events);
      await store.close();
      demandSameMembers(await rest(tail), idsOf(events), 'the events of the tail');
    },
  },
  {
    id: '22a',
    title: 'keeps the latest for a reader that does not keep up, without a hole',
    needs: ['tail'],
    async run({ append, store }) {
      const stop = new AbortController();
      const tail = store.tail({}, { signal: stop.signal });
      const events = Array.from({ length: 300 }, (_, i) => sampleTrace(`T${i}`, 10)).flat();
      await append(events);
      stop.abort();
      const seen = await rest(tail);
      demand(seen.length > 0, 'the reader got nothing');
      demandSameMembers(seen, idsOf(events.slice(-seen.length)), 'the events of the tail');
    },
  },
  {
    id: '22b',
    title: 'keeps no more for such a reader than its limit',
    needs: ['tail', 'tailLimit'],
    async run({ append, store, tailLimit }) {
      const stop = new AbortController();
      const tail = store.tail({}, { signal: stop.signal });
      const traces = Math.ceil(tailLimit / 10) + 20;
      await append(Array.from({ length: traces }, (_, i) => sampleTrace(`T${i}`, 10)).flat());
      stop.abort();
      const { length } = await rest(tail);
      demand(length <= tailLimit, `the reader got ${length} events; the limit is ${tailLimit}`);
    },
  },
  {
    id: '23',
    title: 'offers a tail, as its capabilities say',
    needs: ['tail'],
    async run({ store }) {
      demand(
        typeof store.tail()[Symbol.asyncIterator] === 'function',
        'tail() gives nothing to iterate over',
      );
    },
    otherwise: ({ store }) => refuses(store),
  },
];

/** At the call or at the first `next`. */
function refuses(store: TraceStore): Promise<unknown> {
  return demandRejection(() => store.tail()[Symbol.asyncIterator]().next(), unsupported, 'tail');
}

async function rest(tail: AsyncIterable<TraceEvent>): Promise<(string | undefined)[]> {
  const seen: TraceEvent[] = [];
  for await (const event of tail) seen.push(event);
  return idsOf(seen);
}
