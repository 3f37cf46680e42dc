import { eventId, type TraceEvent } from '@throughline/core/events';
import { loanSagaFixture, loanSagaStory } from '@throughline/core/testing';
import { createTraceGraph, type TraceSpan } from '@throughline/core/trace-graph';
import { canonicalJson } from '../suite/canonical-json.ts';
import { demand, demandRejection, demandSame, demandSameMembers, rejectionOf } from '../suite/demand.ts';
import { hostileEvents, noEvents } from './hostile-values.ts';
import { encoded, idsOf, oddKeys, oddTexts, randomJson, sampleEvent, sampleTrace } from './sample-events.ts';
import type { StoreCase } from './store-case.ts';
import type { TraceStoreWorld } from './trace-store-world.ts';

/** `append`: what is stored, how often, in which form, and what the caller is told. */
export const appendCases: readonly StoreCase[] = [
  {
    id: '1a',
    title: 'resolves an append when its events are there for every other store over the place',
    needs: ['place'],
    async run({ store, open }) {
      const events = sampleTrace('T1', 5);
      await store.append(events);
      demandSameMembers(await (await open()).getTrace('T1'), events, 'what another store reads');
    },
    async otherwise({ store, open }) {
      await store.append(sampleTrace('T1', 1));
      const others = await (await open()).getTrace('T1');
      demand(
        others.length === 0,
        'open() gives stores that share what they keep: give the harness a createPlace',
      );
    },
  },
  {
    id: '1b',
    title: 'loses nothing of an append that resolved while its place could not be reached',
    needs: ['place', 'interrupt'],
    async run({ store, open, interrupt }) {
      await store.append(sampleTrace('T0', 1));
      const mend = await interrupt();
      const batches = [sampleTrace('T1', 3), sampleTrace('T2', 3)];
      const outcomes = await Promise.allSettled(batches.map((batch) => store.append(batch)));
      await mend();
      const other = await open();
      for (const [i, { status }] of outcomes.entries()) {
        const { length } = await other.getTrace(`T${i + 1}`);
        demand(
          status === 'rejected' || length === 3,
          `an append resolved, and ${3 - length} of 3 events are lost`,
        );
      }
    },
  },
  {
    id: '2a',
    title: 'counts an event that comes twice in one batch as a duplicate',
    async run({ store }) {
      const [first, second] = pair('T1');
      const result = await store.append([first, second, first, first]);
      demandSame([result.stored, result.duplicates], [2, 2], 'stored and duplicates of the batch');
      demandSameMembers(idsOf(await store.getTrace('T1')), idsOf([first, second]), 'the events of the trace');
    },
  },
  {
    id: '2b',
    title: 'changes nothing of an event that is stored already',
    async run({ store }) {
      const [first, second] = pair('T1');
      await store.append([first]);
      const result = await store.append([
        { ...first, event_type: 'job:changed', data: { changed: true } },
        second,
      ]);
      demandSame([result.stored, result.duplicates], [1, 1], 'stored and duplicates of the second batch');
      demandSameMembers(await store.getTrace('T1'), [first, second], 'the events of the trace');
    },
  },
  {
    id: '2c',
    title: 'stores a batch once that is given twice at the same time',
    async run({ store }) {
      const batch = sampleTrace('T1', 20);
      const results = await Promise.all([store.append(batch), store.append(batch), store.append(batch)]);
      const sum = (count: (result: (typeof results)[number]) => number): number =>
        results.reduce((total, result) => total + count(result), 0);
      const counts = [sum(({ stored }) => stored), sum(({ duplicates }) => duplicates)];
      demandSame(counts, [20, 40], 'stored and duplicates of the three together');
      demandSameMembers(idsOf(await store.getTrace('T1')), idsOf(batch), 'the events of the trace');
    },
  },
  {
    id: '2d',
    title: 'stores a batch once that was rejected before',
    needs: ['interrupt'],
    async run({ store, interrupt }) {
      const batch = sampleTrace('T1', 10);
      const mend = await interrupt();
      await rejectionOf(() => store.append(batch));
      await mend();
      await store.append(batch);
      await store.append(batch);
      demandSameMembers(idsOf(await store.getTrace('T1')), idsOf(batch), 'the events of the trace');
    },
  },
  {
    id: '2e',
    title: 'gives an event once that several stores over the place were given',
    needs: ['place'],
    async run({ store, open }) {
      const batch = sampleTrace('T1', 10);
      const other = await open();
      await store.append(batch);
      await other.append(batch);
      await store.append(batch);
      await Promise.all([store.close(), other.close()]);
      demandSameMembers(idsOf(await (await open()).getTrace('T1')), idsOf(batch), 'the events of the trace');
    },
  },
  {
    id: '2f',
    title: 'ends with the same events whatever was delivered again, in any order and parts',
    async run({ store, random }) {
      const traces = ['T1', 'T2', 'T3'].map((id) => sampleTrace(id, 1 + random.below(30)));
      const sent = traces.flat();
      const again = sent.filter(() => random.below(2) === 0);
      for (const part of random.parts(random.shuffled([...sent, ...again, ...again, ...again]), 12))
        await store.append(part);
      for (const trace of traces)
        demandSameMembers(await store.getTrace(trace[0]?.trace_id ?? ''), trace, 'the events of a trace');
    },
  },
  {
    id: '3a',
    title: 'rejects each value that is no event with a reason, and stores the rest of its batch',
    async run({ store, random }) {
      const bad = noEvents();
      const good = sampleTrace('T1', 5);
      const batch = random.shuffled([...bad, ...good]);
      const { stored, duplicates, rejected } = await store.append(batch);
      const values = new Set<unknown>(rejected.map(({ event }) => event));
      demandSame(
        [stored, duplicates, rejected.length],
        [5, 0, bad.length],
        'stored, duplicates and rejected',
      );
      demand(
        bad.every((value) => values.has(value)),
        'a rejected value is not the very value that was given',
      );
      demand(
        rejected.every(({ reason }) => typeof reason === 'string' && reason !== ''),
        'a value is rejected without a reason',
      );
      demandSameMembers(idsOf(await store.getTrace('T1')), idsOf(good), 'the events of the trace');
    },
  },
  {
    id: '3b',
    title: 'stores what can be stored of data that no JSON writer takes',
    async run({ store }) {
      const { rejected } = await store.append([...hostileEvents('T1'), sampleEvent('T1', 'good')]);
      demandSame(rejected.length, 0, 'the number of rejected events');
      const expected = [...hostileEvents('T1').map(encoded), sampleEvent('T1', 'good')];
      demandSameMembers(await store.getTrace('T1'), expected, 'the events of the trace');
    },
  },
  {
    id: '4a',
    title: 'accounts for every event of a large batch of new and known ones',
    async run({ store, random }) {
      const known = sampleTrace('T1', 40);
      await store.append(known);
      const { stored, duplicates, rejected } = await store.append(
        random.shuffled([...known, ...sampleTrace('T2', 250)]),
      );
      demandSame([stored, duplicates, rejected.length], [250, 40, 0], 'the account of the batch');
    },
  },
  {
    id: '4b',
    title: 'resolves an empty batch with zeros',
    async run({ store }) {
      demandSame(await store.append([]), { stored: 0, duplicates: 0, rejected: [] }, 'the result');
    },
  },
  {
    id: '5',
    title: 'gives an event without an id the one that eventId derives',
    async run({ store }) {
      const events = sampleTrace('T1', 4).map(({ event_id: _, ...event }) => event);
      await store.append(events);
      await store.append(events);
      demandSameMembers(idsOf(await store.getTrace('T1')), events.map(eventId), 'the ids of the trace');
    },
  },
  {
    id: '6a',
    title: 'keeps every field of an event',
    async run({ store }) {
      const events = [full('T1'), sampleEvent('T1', 'undated', { timestamp: 'yesterday' })];
      await store.append(events);
      demandSameMembers(await store.getTrace('T1'), events.map(encoded), 'the events of the trace');
    },
  },
  {
    id: '6b',
    title: 'keeps texts of any characters, in data and everywhere else',
    async run({ store }) {
      const events = oddTexts
        .filter((text) => text !== '')
        .map((text, i) =>
          sampleEvent('T1', i, {
            span_id: `S ${text}`,
            parent_span_id: text,
            event_type: `${text}:started`,
            source: text,
            tags: [text, 'tag'],
            data: { name: text, [text]: { [text]: [text] } },
          }),
        );
      await store.append(events);
      demandSameMembers(await store.getTrace('T1'), events.map(encoded), 'the events of the trace');
    },
  },
  {
    id: '6c',
    title: 'keeps data of any JSON shape, keys it does not know included',
    async run({ store, random }) {
      const data = [
        // One by one: what holds a key that no event may have is left out of its event.
        ...oddKeys.map((key) => ({ odd: { [key]: { [key]: [key] } } })),
        ...Array.from({ length: 40 }, () => ({ random: randomJson(random), more: randomJson(random) })),
      ];
      const events = data.map((each, i) => sampleEvent('T1', i, { data: each }));
      await store.append(events);
      demandSameMembers(await store.getTrace('T1'), events.map(encoded), 'the events of the trace');
    },
  },
  {
    id: '6d',
    title: 'tells the loan saga as memory does, in whatever order it was stored',
    async run(world) {
      const story = loanSagaStory();
      demandSame(
        answers(await storedStory(world, story)),
        answers(story.map(encoded)),
        'what the graph answers',
      );
      demandSame(
        answers(await storedStory(world, loanSagaFixture)),
        fixtureAnswers(),
        'what the graph answers',
      );
    },
  },
  {
    id: '7a',
    title: 'changes neither the array nor the events it is given',
    async run({ store }) {
      const batch = [full('T1'), ...sampleTrace('T1', 3).map(({ event_id: _, ...event }) => event)];
      const before = batch.map(canonicalJson);
      const order = [...batch];
      await store.append(batch);
      demandSame(batch.map(canonicalJson), before, 'the events after the call');
      demand(
        order.every((event, i) => batch[i] === event),
        'the array has other events than before the call',
      );
    },
  },
  {
    id: '7b',
    title: 'keeps nothing that the caller changes once the call has returned',
    async run({ store }) {
      const event = full('T1') as { -readonly [K in keyof TraceEvent]: TraceEvent[K] };
      const expected = encoded(full('T1'));
      const batch: TraceEvent[] = [event];
      const appended = store.append(batch);
      batch.length = 0;
      event.event_type = 'job:changed';
      Object.assign(event.data ?? {}, { name: 'changed', nested: undefined });
      (event.tags as string[]).push('changed');
      await appended;
      demandSameMembers(await store.getTrace('T1'), [expected], 'the events of the trace');
    },
  },
  {
    id: '8',
    title: 'rejects with THROUGHLINE_STORE_UNAVAILABLE when it cannot be reached, and recovers',
    needs: ['interrupt'],
    async run({ store, interrupt }) {
      const mend = await interrupt();
      // One that resolves in spite of it is judged by case 1b.
      const error = await rejectionOf(() => store.append(sampleTrace('T1', 3)));
      if (error !== undefined) {
        await demandRejection(() => Promise.reject(error), 'THROUGHLINE_STORE_UNAVAILABLE', 'append');
        const { retryAfterMs: wait } = error as { readonly retryAfterMs?: unknown };
        demand(
          wait === undefined || (typeof wait === 'number' && wait >= 0 && Number.isFinite(wait)),
          `retryAfterMs is ${String(wait)}, which is no time to wait`,
        );
      }
      await mend();
      await store.append(sampleTrace('T2', 3));
      demandSame((await store.getTrace('T2')).length, 3, 'the number of events stored after the outage');
    },
  },
  {
    id: '9a',
    title: 'takes appends and reads that overlap',
    async run({ store, random }) {
      const traces = Array.from({ length: 12 }, (_, i) => sampleTrace(`T${i + 10}`, 40));
      const parts = random.parts(random.shuffled(traces.flat()), 7);
      const work = parts.flatMap((part) => [store.append(part), store.getTrace(part[0]?.trace_id ?? '')]);
      await Promise.all(work);
      for (const [i, trace] of traces.entries())
        demandSameMembers(
          idsOf(await store.getTrace(`T${i + 10}`)),
          idsOf(trace),
          `the events of T${i + 10}`,
        );
    },
  },
  {
    id: '9b',
    title: 'shares its place with other stores that write at the same time',
    needs: ['place'],
    async run({ store, open }) {
      const stores = [store, await open(), await open()];
      const parts = stores.flatMap((each, writer) =>
        Array.from({ length: 20 }, (_, i) => ({ each, event: sampleEvent('T1', `${writer}-${i}`) })),
      );
      await Promise.all(parts.map(({ each, event }) => each.append([event])));
      await Promise.all(stores.map((each) => each.close()));
      const seen = await (await open()).getTrace('T1');
      demandSameMembers(idsOf(seen), idsOf(parts.map(({ event }) => event)), 'the events of the trace');
    },
  },
];

function pair(traceId: string): [TraceEvent, TraceEvent] {
  return [sampleEvent(traceId, 1), sampleEvent(traceId, 2)];
}

/** An event with every field. */
function full(traceId: string): TraceEvent {
  return sampleEvent(traceId, 'full', {
    parent_span_id: 'S0',
    event_type: 'stage:credit:failed',
    status: 'failed',
    tags: ['vip', 'émigré'],
    source: 'host:1:boot',
    seq: 7,
    data: {
      name: 'credit',
      kind: 'consumer',
      attributes: { n: 1, list: ['a', 'b'] },
      attempt: 2,
      outcome: 'error',
      error: { type: 'RangeError', message: 'no', cause: { type: 'Error', message: 'why' } },
      links: [{ trace_id: 'T0', span_id: 'S0', relation: 'continues' }],
      entity: { system: 'bullmq', queue: 'mail', name: 'welcome', id: '17' },
      mine: { nested: [1, 'two', null, { three: 3 }] },
    },
  });
}

/** The events of a story after it was stored in another order and read back. */
async function storedStory(
  { open, random }: TraceStoreWorld,
  story: readonly TraceEvent[],
): Promise<TraceEvent[]> {
  const store = await open();
  for (const part of random.parts(random.shuffled(story), 5)) await store.append(part);
  return store.getTrace(story[0]?.trace_id ?? '');
}

interface StoryAnswers {
  readonly outcome: string;
  readonly roots: readonly string[];
  readonly path: readonly string[];
  readonly failure: readonly string[];
  readonly ledger: readonly (readonly string[])[];
  readonly text: string;
  readonly tree: string;
}

/** What the graph must say of `loanSagaFixture`. */
function fixtureAnswers(): StoryAnswers {
  const graph = createTraceGraph(loanSagaFixture.map(encoded));
  return {
    outcome: 'failed',
    roots: ['S1'],
    path: ['S1', 'S2', 'S3'],
    failure: ['S1', 'S6'],
    ledger: [['S2', 'pending']],
    text: graph.explainFailure().toText(),
    tree: graph.toText(),
  };
}

function answers(events: readonly TraceEvent[]): StoryAnswers {
  const graph = createTraceGraph(events);
  const explanation = graph.explainFailure();
  return {
    outcome: explanation.outcome,
    roots: spanIds(graph.roots()),
    path: spanIds(graph.path('S3')),
    failure: spanIds(graph.path(graph.failure() ?? '')),
    ledger: graph.compensations().map(({ step, status }) => [step.spanId, status]),
    text: explanation.toText(),
    tree: graph.toText(),
  };
}

function spanIds(spans: readonly TraceSpan[]): string[] {
  return spans.map(({ spanId }) => spanId);
}
