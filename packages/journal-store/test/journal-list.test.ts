import {
  MemoryTraceStore,
  type TraceEvent,
  type TraceListQuery,
  type TraceStore,
} from '@throughline/core/events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event, type JournalFolder, journalFolder } from './journal-folder.ts';

let journal: JournalFolder;
beforeEach(async () => {
  journal = await journalFolder();
});
afterEach(() => journal.remove());

const traceIds = ['T1', 'T12', 'T"\\é', 't1', 'T3'];
const words = ['mail', 'Mail', 'vip', 'a b', 'x'.repeat(300), `${'x'.repeat(299)}y`];
const word = fc.constantFrom(...words);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const anyEvent: fc.Arbitrary<TraceEvent> = fc
  .record({
    trace_id: fc.constantFrom(...traceIds),
    span_id: fc.constantFrom('S1', 'S2', 'S3'),
    event_type: fc.constantFrom('job:started', 'job:completed', 'job:failed', 'job:retrying', 'ai:decision'),
    timestamp: fc.oneof(
      fc
        .integer({ min: 0, max: 20 })
        .map((second) => new Date(Date.UTC(2026, 0, 31) + second * 1000).toISOString()),
      fc.constant('yesterday'),
    ),
    tags: optional(fc.array(word, { maxLength: 2 })),
    entity: optional(fc.record({ system: fc.constant('bullmq'), queue: optional(word), id: word })),
    name: optional(word),
    error: optional(fc.record({ type: word, message: word })),
    links: optional(
      fc.array(fc.record({ trace_id: fc.constantFrom(...traceIds), span_id: fc.constant('S1') })),
    ),
    attributes: optional(
      fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(word, fc.constantFrom(1, 2), fc.boolean())),
    ),
  })
  .map(({ entity, name, error, links, attributes, ...fields }) => ({
    ...fields,
    data: { entity, name, error, links, attributes },
  }));

const since = Date.UTC(2026, 0, 31);
const anyQuery: fc.Arbitrary<TraceListQuery> = fc.record(
  {
    status: fc.constantFrom('success' as const, 'failed' as const, 'open' as const),
    since: fc.integer({ min: 0, max: 20 }).map((second) => since + second * 1000),
    until: fc.integer({ min: 0, max: 20 }).map((second) => since + second * 1000),
    queue: word,
    entityId: word,
    tag: word,
    eventType: fc.constantFrom('job:started', 'job:failed', 'ai:decision'),
    attributes: fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(word, fc.constantFrom(1, 2), fc.boolean())),
    text: fc.constantFrom('MAIL', 'ai', 'b', '', 'xy'),
    linkedTo: fc.constantFrom(...traceIds),
  },
  { requiredKeys: [] },
);

async function allPages(store: TraceStore, query: TraceListQuery, limit: number): Promise<unknown[]> {
  const traces: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listTraces({ ...query, limit, cursor });
    traces.push(...page.traces);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return traces;
}

describe('JournalStore.listTraces', () => {
  it('answers any query as the reference store does, over the segments of several processes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyEvent, { maxLength: 8 }), { maxLength: 4 }),
        fc.array(anyQuery, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (batches, queries, limit) => {
          const own = await journalFolder();
          const reference = new MemoryTraceStore();
          const reader = await own.openStore();
          for (const [index, batch] of batches.entries()) {
            const store = await own.openStore();
            await store.append(batch);
            if (index % 2 === 0) await store.close();
            await reference.append(batch);
            for (const query of queries) {
              const expected = await reference.listTraces(query);
              expect(await reader.listTraces(query)).toEqual(expected);
              expect(await allPages(reader, query, limit)).toEqual(expected.traces);
            }
          }
          const late = await own.openStore(); // which has nothing but the index files
          for (const query of queries)
            expect(await late.listTraces(query)).toEqual(await reference.listTraces(query));
          await own.remove();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives each trace of the first page once while others append', async () => {
    const store = await journal.openStore();
    const at = (second: number): string => new Date(since + second * 1000).toISOString();
    const ids = Array.from({ length: 30 }, (_, index) => `T${index}`);
    for (const [index, id] of ids.entries())
      await store.append([event(id, 'S1', { timestamp: at(100 + index) })]);
    const other = await journal.openStore();
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.listTraces({ limit: 7, cursor });
      found.push(...page.traces.map(({ traceId }) => traceId));
      cursor = page.cursor;
      await other.append([event(`new ${found.length}`, 'S1', { timestamp: at(500 + found.length) })]);
      await other.append(
        ids.map((id, index) => event(id, `S${found.length}`, { timestamp: at(200 + index) })),
      );
    } while (cursor !== undefined);
    expect(found).toEqual(ids.reverse());
  });
});
