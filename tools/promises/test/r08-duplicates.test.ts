/**
 * R8: duplicates are idempotent: a stream that is delivered k times, in any order and in any batches, gives a graph that is
 * equal in every answer, from every store. The graph by itself, over arbitrary multigraphs, is in
 * `packages/core/src/trace-graph/totality.test.ts`.
 */
import { MemoryTraceStore, type TraceEvent, type TraceStore } from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphAnswers } from './support/graph-answers.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { workflows } from './support/workflow.ts';

/** A stream, and a delivery of it: each event one to three times, in any order, in batches of any size. */
const deliveries = workflows.chain((stream) =>
  fc.record({
    stream: fc.constant(stream),
    delivery: fc.tuple(fc.shuffledSubarray(stream), fc.shuffledSubarray(stream)).chain(([twice, thrice]) => {
      const all = [...stream, ...twice, ...thrice];
      return fc.shuffledSubarray(all, { minLength: all.length });
    }),
    batch: fc.integer({ min: 1, max: 10 }),
  }),
);

async function deliver(store: TraceStore, delivery: readonly TraceEvent[], batch: number): Promise<void> {
  let counted = 0;
  for (let at = 0; at < delivery.length; at += batch) {
    const { stored, duplicates } = await store.append(delivery.slice(at, at + batch));
    counted += stored + duplicates;
  }
  expect(counted).toBe(delivery.length);
}

describe('a stream that is delivered again and again', () => {
  const stores: Readonly<Record<string, () => Promise<TraceStore>>> = {
    'a MemoryTraceStore': async () => new MemoryTraceStore(),
    'a journal': async () => openJournalStore({ directory: await temporaryDirectory(), sync: 'none' }),
    'a journal whose readers remember nothing': async () =>
      forgetful(() => openJournalStore({ directory, sync: 'none' })),
  };
  let directory = '';

  /** Opens the journal anew for every append, so that the same events are written again and again. */
  function forgetful(open: () => Promise<TraceStore>): TraceStore {
    const once = async <T>(use: (store: TraceStore) => Promise<T>): Promise<T> => {
      const store = await open();
      return use(store).finally(() => store.close());
    };
    return {
      capabilities: {},
      append: (events) => once((store) => store.append(events)),
      getTrace: (traceId) => once((store) => store.getTrace(traceId)),
      listTraces: (query) => once((store) => store.listTraces(query)),
      tail: async function* () {},
      close: async () => {},
    };
  }

  it.each(Object.entries(stores))('tells the same from %s', async (name, open) => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ stream, delivery, batch }) => {
        directory = await temporaryDirectory();
        const store = await open();
        await deliver(store, delivery, name.includes('nothing') ? 100 : batch);
        expect(graphAnswers(await store.getTrace('T1'))).toEqual(graphAnswers(stream));
        await store.close();
      }),
      { numRuns: name.startsWith('a journal') ? 25 : 200 },
    );
  });
});
