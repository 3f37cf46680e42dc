import {
  matchesTraceQuery,
  summarizeTrace,
  type TraceEvent,
  type TraceListQuery,
  type TraceStore,
  type TraceSummary,
} from '@throughline/core/events';
import { canonicalJson } from '../suite/canonical-json.ts';
import { demand, demandRejection, demandSame, demandSameMembers } from '../suite/demand.ts';
import {
  counterExamples,
  joinedQueries,
  linkQueries,
  plainQueries,
  randomQuery,
  textQueries,
} from './counter-examples.ts';
import { at, encoded, sampleEvent } from './sample-events.ts';
import type { StoreCase } from './store-case.ts';
import { capabilityNames } from './trace-store-harness.ts';
import type { TraceStoreWorld } from './trace-store-world.ts';

const unsupported = 'THROUGHLINE_STORE_UNSUPPORTED';
const all = 1_000;

/** `listTraces`: which traces are found, in which order, and page by page. */
export const listTracesCases: readonly StoreCase[] = [
  {
    id: '16a',
    title: 'finds the traces that match each condition, and no others',
    needs: ['listTraces'],
    run: (world) => findsExactly(world, plainQueries),
  },
  {
    id: '16b',
    title: 'finds traces by text',
    needs: ['listTraces', 'text'],
    run: (world) => findsExactly(world, textQueries),
  },
  {
    id: '16c',
    title: 'finds traces by what they link to',
    needs: ['listTraces', 'linkedTo'],
    run: (world) => findsExactly(world, linkQueries),
  },
  {
    id: '16d',
    title: 'finds the traces that match several conditions at once',
    needs: ['listTraces'],
    run: (world) =>
      findsExactly(world, [...joinedQueries, ...Array.from({ length: 25 }, () => randomQuery(world.random))]),
  },
  {
    id: '16e',
    title: 'sums traces up as summarizeTrace does',
    needs: ['listTraces'],
    async run(world) {
      const expected = await stored(world);
      const { traces } = await world.store.listTraces({ limit: all });
      demandSameMembers(
        traces.map(comparable),
        expected.map(({ summary }) => comparable(summary)),
        'the summaries',
      );
    },
  },
  {
    id: '17a',
    title: 'lists the newest first, and those of one instant by id',
    needs: ['listTraces'],
    async run(world) {
      const expected = await stored(world);
      const ordered = expected.map(({ summary }) => summary).sort(newestFirst);
      demandSame(
        await idsFound(world.store, { limit: all }),
        ordered.map(({ traceId }) => traceId),
        'the order',
      );
    },
  },
  {
    id: '17b',
    title: 'lists no more traces than the limit, which is 100 when it is not given',
    needs: ['listTraces'],
    async run({ append, store }) {
      await append(manyTraces(120));
      demandSame((await idsFound(store, { limit: 7 })).length, 7, 'the number of traces with a limit of 7');
      demandSame((await idsFound(store, {})).length, 100, 'the number of traces without a limit');
    },
  },
  {
    id: '18a',
    title: 'has a cursor exactly when there is more, and gives every trace once',
    needs: ['listTraces'],
    async run({ append, store }) {
      const events = manyTraces(24);
      await append(events);
      for (const limit of [1, 5, 8, 24, 25]) {
        const pages = await allPages(store, { limit });
        demandSame(pages.length, Math.ceil(24 / limit), `the number of pages with a limit of ${limit}`);
        demandSameMembers(
          pages.flat(),
          events.map(({ trace_id }) => trace_id),
          'the traces of all pages',
        );
      }
      demand(
        (await store.listTraces({ tag: 'no such tag' })).cursor === undefined,
        'there is a cursor, and nothing more',
      );
    },
  },
  {
    id: '18b',
    title: 'gives every trace of the first moment once, while others are stored',
    needs: ['listTraces'],
    async run({ append, store }) {
      await append(manyTraces(20));
      const listed: string[] = [];
      let page = 0;
      for (let cursor: string | undefined = ''; cursor !== undefined; page++) {
        const { traces, cursor: next } = await store.listTraces({
          limit: 3,
          ...(cursor !== '' && { cursor }),
        });
        listed.push(...traces.map(({ traceId }) => traceId));
        if (page < 8) await store.append(meanwhile(page));
        cursor = page < 60 ? next : undefined;
      }
      const first = new Set(manyTraces(20).map(({ trace_id }) => trace_id));
      demandSameMembers(
        listed.filter((id) => first.has(id)),
        [...first],
        'the traces that were there at first',
      );
      demand(new Set(listed).size === listed.length, 'a trace was listed twice');
    },
  },
  {
    id: '19',
    title: 'excludes in its capabilities what the harness says, and rejects it',
    async run({ store, excluded }) {
      for (const name of capabilityNames) {
        demand(
          (store.capabilities[name] === false) === (excluded[name] === false),
          `store.capabilities.${name} is ${store.capabilities[name]}, and the harness says ${excluded[name]}`,
        );
      }
      if (excluded.listTraces === false) await refuses(store, {});
      if (excluded.text === false) await refuses(store, { text: 'send' });
      if (excluded.linkedTo === false) await refuses(store, { linkedTo: 'plain' });
    },
  },
];

function refuses(store: TraceStore, query: TraceListQuery): Promise<unknown> {
  return demandRejection(() => store.listTraces(query), unsupported, `listTraces(${canonicalJson(query)})`);
}

interface StoredTrace {
  readonly summary: TraceSummary;
  readonly events: readonly TraceEvent[];
}

/** Stores the counter-examples, and tells what is stored then. */
async function stored({ append, random }: TraceStoreWorld): Promise<StoredTrace[]> {
  const events = counterExamples();
  await append(random.shuffled(events), 5);
  const traces = new Map<string, TraceEvent[]>();
  for (const event of events.map(encoded))
    traces.set(event.trace_id, [...(traces.get(event.trace_id) ?? []), event]);
  return Array.from(traces, ([traceId, own]) => ({ summary: summarizeTrace(traceId, own), events: own }));
}

async function findsExactly(world: TraceStoreWorld, queries: readonly TraceListQuery[]): Promise<void> {
  const traces = await stored(world);
  for (const query of queries) {
    const matching = traces.filter(({ summary, events }) => matchesTraceQuery(summary, events, query));
    const expected = matching.map(({ summary }) => summary.traceId);
    const found = await idsFound(world.store, { ...query, limit: all });
    demandSameMembers(found, expected, `the traces for ${canonicalJson(query)}`);
  }
}

async function idsFound(store: TraceStore, query: TraceListQuery): Promise<string[]> {
  const { traces } = await store.listTraces(query);
  return traces.map(({ traceId }) => traceId);
}

/** The order of entities means nothing. */
function comparable({ entities, ...summary }: TraceSummary): unknown {
  return { ...summary, entities: entities.map(canonicalJson).sort() };
}

function newestFirst(a: TraceSummary, b: TraceSummary): number {
  return b.startedAt - a.startedAt || (a.traceId < b.traceId ? -1 : 1);
}

/** Traces of one event, of which several begin at one instant. */
function manyTraces(count: number): TraceEvent[] {
  return Array.from({ length: count }, (_, i) =>
    sampleEvent(`T${i}`, 1, { timestamp: at(1_000 * Math.floor(i / 3)) }),
  );
}

/** Newer and older traces, and more events of old ones, which moves no start. */
function meanwhile(page: number): TraceEvent[] {
  return [
    sampleEvent(`newer-${page}`, 1, { timestamp: at(1_000_000 + page) }),
    sampleEvent(`older-${page}`, 1, { timestamp: at(-1_000 - page) }),
    sampleEvent(`T${page}`, `more-${page}`, { timestamp: at(2_000_000) }),
  ];
}

async function allPages(store: TraceStore, query: TraceListQuery): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page = await store.listTraces({ ...query, ...(cursor !== '' && { cursor }) });
    pages.push(page.traces.map(({ traceId }) => traceId));
    demand(pages.length < 200, 'the cursors never come to an end');
    cursor = page.cursor;
  }
  return pages;
}
