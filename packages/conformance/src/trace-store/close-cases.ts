import { demand, demandRejection, demandSameMembers } from '../suite/demand.ts';
import { idsOf, sampleTrace } from './sample-events.ts';
import type { StoreCase } from './store-case.ts';

const closed = 'THROUGHLINE_STORE_CLOSED';

/** `close`: what is safe before it, and what is over after it. */
export const closeCases: readonly StoreCase[] = [
  {
    id: '24a',
    title: 'lets the appends under way succeed',
    async run({ store }) {
      const appends = Promise.allSettled(
        Array.from({ length: 10 }, (_, i) => store.append(sampleTrace(`T${i}`, 20))),
      );
      await store.close();
      const settled = await appends;
      const lost = settled.filter(({ status }) => status === 'rejected').length;
      demand(lost === 0, `${lost} of 10 appends that were made before close() were rejected`);
    },
  },
  {
    id: '24b',
    title: 'closes again at once',
    async run({ store }) {
      await store.append(sampleTrace('T1', 3));
      await Promise.all([store.close(), store.close()]);
      await store.close();
    },
  },
  {
    id: '24c',
    title: 'gives everything back after a restart',
    needs: ['place'],
    async run({ store, append, open }) {
      const traces = Array.from({ length: 5 }, (_, i) => sampleTrace(`T${i}`, 50));
      await append(traces.flat(), 60);
      await store.close();
      const again = await open();
      for (const [i, trace] of traces.entries())
        demandSameMembers(await again.getTrace(`T${i}`), trace, `the events of T${i}`);
    },
  },
  {
    id: '24d',
    title: 'has everything stored that was appended before close, once it has resolved',
    needs: ['place'],
    async run({ store, open }) {
      const traces = Array.from({ length: 10 }, (_, i) => sampleTrace(`T${i}`, 20));
      const appends = Promise.allSettled(traces.map((trace) => store.append(trace)));
      await store.close();
      const other = await open();
      for (const [i, trace] of traces.entries())
        demandSameMembers(idsOf(await other.getTrace(`T${i}`)), idsOf(trace), `the events of T${i}`);
      await appends;
    },
  },
  {
    id: '25',
    title: 'fails with THROUGHLINE_STORE_CLOSED after it was closed',
    async run({ store, excluded }) {
      await store.append(sampleTrace('T1', 3));
      await store.close();
      await demandRejection(() => store.append(sampleTrace('T2', 1)), closed, 'append');
      await demandRejection(() => store.getTrace('T1'), closed, 'getTrace');
      if (excluded.listTraces !== false)
        await demandRejection(() => store.listTraces(), closed, 'listTraces');
      if (excluded.tail !== false)
        await demandRejection(() => store.tail()[Symbol.asyncIterator]().next(), closed, 'tail');
    },
  },
];
