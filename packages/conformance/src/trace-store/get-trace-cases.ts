import type { TraceEvent } from '@throughline/core/events';
import { demand, demandSame, demandSameMembers, describe } from '../suite/demand.ts';
import { encoded, idsOf, sampleEvent, sampleTrace } from './sample-events.ts';
import type { StoreCase } from './store-case.ts';

/** `getTrace`: which events come back, and that they are the reader's own. */
export const getTraceCases: readonly StoreCase[] = [
  {
    id: '10',
    title: 'gives every event of a large trace once',
    async run({ append, store, largeTraceEvents }) {
      const trace = sampleTrace('T1', largeTraceEvents);
      await append(trace);
      demandSameMembers(idsOf(await store.getTrace('T1')), idsOf(trace), 'the events of the trace');
    },
  },
  {
    id: '11',
    title: 'gives no events of a trace that it does not know, whatever the id',
    async run({ store }) {
      await store.append([...sampleTrace('T1', 3), sampleEvent('*', 1)]);
      for (const id of unknownIds) {
        const events = await store.getTrace(id);
        demand(
          Array.isArray(events) && events.length === 0,
          `there are events of ${shown(id)}, which nobody stored`,
        );
      }
    },
  },
  {
    id: '12a',
    title: 'tells traces apart whose ids begin alike',
    run: ({ store }) => tellApart(store, ['T', 'T1', 'T10', 'T100', 'T1-0', 'T1/0', 'T1.', 'T 1', 'xT1']),
  },
  {
    id: '12b',
    title: 'tells traces apart whose ids differ in case, or look alike',
    run: ({ store }) =>
      tellApart(store, ['ab1', 'AB1', 'Ab1', 'ß', 'ss', '\u00E9', 'e\u0301', 'İ', 'i', 'I', 'ı', '\uFF21b1']),
  },
  {
    id: '12c',
    title: 'takes no character of an id for syntax, and loses none',
    run: ({ store }) => tellApart(store, syntaxIds),
  },
  {
    id: '12d',
    title: 'tells traces apart whose ids are as long as can be and differ in the last character',
    run: ({ store }) =>
      tellApart(
        store,
        ['a', 'b'].map((last) => 'x'.repeat(1_023) + last),
      ),
  },
  {
    id: '13',
    title: 'reads what the same store has just stored, time after time',
    async run({ store }) {
      const trace = sampleTrace('T1', 12);
      for (const [i, event] of trace.entries()) {
        await store.append([event]);
        demandSame((await store.getTrace('T1')).length, i + 1, `the number of events after append ${i + 1}`);
      }
    },
  },
  {
    id: '14',
    title: 'keeps what is stored out of reach of whoever reads it',
    async run({ store }) {
      const trace = sampleTrace('T1', 3).map((event) => ({
        ...event,
        tags: ['a'],
        data: { nested: { n: 1 } },
      }));
      await store.append(trace);
      for (const event of await store.getTrace('T1')) spoil(event);
      const read = await store.getTrace('T1');
      demandSameMembers(read, trace.map(encoded), 'the events, after a reader changed its own');
      attempt(() => read.splice(0));
      demandSameMembers(
        await store.getTrace('T1'),
        trace.map(encoded),
        'the events, after a reader changed its own',
      );
    },
  },
  {
    id: '15a',
    title: 'rejects with the reason of a signal that was aborted before',
    async run({ store }) {
      await store.append(sampleTrace('T1', 3));
      const reason = new Error('enough');
      const outcome = await settled(store.getTrace('T1', { signal: AbortSignal.abort(reason) }));
      demand('error' in outcome, 'getTrace resolved, although the signal was aborted');
      demand(
        outcome.error === reason,
        `getTrace rejected with ${describe(outcome.error)}, not with signal.reason`,
      );
    },
  },
  {
    id: '15b',
    title: 'rejects with the reason of a signal that is aborted while it reads, or has read by then',
    async run({ append, store }) {
      await append(sampleTrace('T1', 200));
      const controller = new AbortController();
      const reading = settled(store.getTrace('T1', { signal: controller.signal }));
      const reason = new Error('enough');
      controller.abort(reason);
      const outcome = await reading;
      if ('error' in outcome)
        demand(
          outcome.error === reason,
          `getTrace rejected with ${describe(outcome.error)}, not with signal.reason`,
        );
      else demandSame(outcome.value.length, 200, 'the number of events it had read');
    },
  },
];

const unknownIds: readonly string[] = [
  '',
  ' ',
  'T',
  'T2',
  '%',
  '_1',
  'T_',
  '.*',
  '?',
  'constructor',
  '__proto__',
  'toString',
  "' OR '1'='1",
  '../T1',
  'T1\u0000',
  '\uD800',
  'x'.repeat(5_000),
];

const syntaxIds: readonly string[] = [
  'T%',
  'T_',
  'T*',
  'T?',
  'T.',
  'T\\',
  'T"',
  "T'",
  'T\n',
  'T\t',
  ' T',
  'T ',
  'T#',
  'T/',
  '../T',
  'T,T',
  'T:T',
  '{"T":1}',
  '[T]',
  '$T',
  '-T',
  '=T',
  '😀',
  '😁',
  '\u202ET',
  '__proto__',
  'constructor',
  'null',
  '1e3',
  '1000',
];

async function tellApart(
  store: {
    append: (events: TraceEvent[]) => Promise<unknown>;
    getTrace: (id: string) => Promise<TraceEvent[]>;
  },
  traceIds: readonly string[],
): Promise<void> {
  const events = traceIds.map((id, i) => sampleEvent(id, i, { event_id: `E${i}` }));
  await store.append(events);
  for (const [i, id] of traceIds.entries())
    demandSame(idsOf(await store.getTrace(id)), [`E${i}`], `the events of the trace ${shown(id)}`);
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

/** Changes whatever can be changed; frozen events are fine. */
function spoil(event: TraceEvent): void {
  attempt(() => Object.assign(event, { event_type: 'job:spoiled', event_id: 'spoiled' }));
  attempt(() => Object.assign(event.data ?? {}, { spoiled: true }));
  attempt(() => Object.assign((event.data?.nested as object) ?? {}, { n: 2 }));
  attempt(() => (event.tags as string[]).push('spoiled'));
}

function attempt(change: () => unknown): void {
  try {
    change();
  } catch {}
}

function shown(id: string): string {
  return JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}…` : id);
}
