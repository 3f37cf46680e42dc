import { describe, expect, it } from 'vitest';
import { MemoryTraceStore } from './memory-trace-store.ts';
import type { TraceEvent } from './trace-event.ts';
import type { TraceListQuery } from './trace-store.ts';

function event(trace_id: string, change: Partial<TraceEvent> = {}): TraceEvent {
  return {
    trace_id,
    span_id: 'S1',
    event_type: 'job:progress',
    timestamp: '2026-01-31T12:00:00Z',
    ...change,
  };
}

/** `count` events of one trace, a second apart. */
function events(trace_id: string, count: number): TraceEvent[] {
  return Array.from({ length: count }, (_, i) => event(trace_id, { event_id: `${trace_id}-${i}` }));
}

async function ids(store: MemoryTraceStore, query?: TraceListQuery): Promise<string[]> {
  const { traces } = await store.listTraces(query);
  return traces.map(({ traceId }) => traceId);
}

describe('MemoryTraceStore', () => {
  it('stores an event once by its id, in one batch and over several', async () => {
    const store = new MemoryTraceStore();
    const one = event('T1', { event_id: 'E1' });
    expect(await store.append([one, one])).toEqual({ stored: 1, duplicates: 1, rejected: [] });
    expect(await store.append([{ ...one, span_id: 'S2' }])).toEqual({
      stored: 0,
      duplicates: 1,
      rejected: [],
    });
    expect(await store.getTrace('T1')).toEqual([one]);
  });

  it('stores the rest of a batch that has an event which is none', async () => {
    const store = new MemoryTraceStore();
    const bad = { trace_id: 'T1' } as TraceEvent;
    expect(await store.append([bad, event('T1')])).toEqual({
      stored: 1,
      duplicates: 0,
      rejected: [{ event: bad, reason: 'span_id is missing' }],
    });
  });

  it('gives an id to events without one', async () => {
    const store = new MemoryTraceStore();
    await store.append([event('T1'), event('T1')]);
    expect(await store.getTrace('T1')).toEqual([
      event('T1', { event_id: expect.stringMatching(/^[\da-f]{32}$/) }),
    ]);
  });

  it('has no events of an unknown trace', async () => {
    expect(await new MemoryTraceStore().getTrace('T1')).toEqual([]);
  });

  it('is not reached by a change of what it returned', async () => {
    const store = new MemoryTraceStore();
    await store.append([event('T1')]);
    (await store.getTrace('T1')).length = 0;
    expect(await store.getTrace('T1')).toHaveLength(1);
  });

  it('rejects with the reason of the signal', async () => {
    const reason = new Error('enough');
    await expect(new MemoryTraceStore().getTrace('T1', { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  it('gives up the trace that was written to longest ago when it is full', async () => {
    const store = new MemoryTraceStore({ maxEvents: 4 });
    await store.append(events('T1', 2));
    await store.append(events('T2', 2));
    await store.append([event('T1', { event_id: 'more' })]);
    expect(await ids(store)).toEqual(['T1']);
  });

  it('keeps the latest events of a trace that is too large by itself', async () => {
    const store = new MemoryTraceStore({ maxEvents: 3 });
    await store.append(events('T1', 5));
    expect((await store.getTrace('T1')).map((stored) => stored.event_id)).toEqual(['T1-2', 'T1-3', 'T1-4']);
  });

  it('stores again what it gave up', async () => {
    const store = new MemoryTraceStore({ maxEvents: 1 });
    await store.append([event('T1', { event_id: 'E1' }), event('T2', { event_id: 'E2' })]);
    expect(await store.append([event('T1', { event_id: 'E1' })])).toMatchObject({ stored: 1 });
  });

  it('refuses to keep no events at all', () => {
    expect(() => new MemoryTraceStore({ maxEvents: 0 })).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: 'MemoryTraceStore.maxEvents' }),
    );
  });

  it('fails after close with THROUGHLINE_STORE_CLOSED', async () => {
    const store = new MemoryTraceStore();
    await store.close();
    await store.close();
    const closed = expect.objectContaining({ code: 'THROUGHLINE_STORE_CLOSED' });
    await expect(store.append([])).rejects.toEqual(closed);
    await expect(store.getTrace('T1')).rejects.toEqual(closed);
    await expect(store.listTraces()).rejects.toEqual(closed);
    expect(() => store.tail()).toThrow(closed);
  });
});

describe('MemoryTraceStore.listTraces', () => {
  const at = (second: number): string => `2026-01-31T12:00:${String(second).padStart(2, '0')}Z`;
  const ms = (second: number): number => Date.parse(at(second));

  it('lists the newest first and pages through all', async () => {
    const store = new MemoryTraceStore();
    await store.append(Array.from({ length: 7 }, (_, i) => event(`T${i}`, { timestamp: at(i) })));
    const first = await store.listTraces({ limit: 3 });
    await store.append([event('T9', { timestamp: at(9) })]);
    const second = await store.listTraces({ limit: 3, cursor: first.cursor });
    const third = await store.listTraces({ limit: 3, cursor: second.cursor });
    const listed = [first, second, third].flatMap(({ traces }) => traces.map(({ traceId }) => traceId));
    expect(listed).toEqual(['T6', 'T5', 'T4', 'T3', 'T2', 'T1', 'T0']);
    expect(third.cursor).toBeUndefined();
  });

  it('has no cursor when the last page is full', async () => {
    const store = new MemoryTraceStore();
    await store.append([event('T1'), event('T2')]);
    expect((await store.listTraces({ limit: 2 })).cursor).toBeUndefined();
  });

  it('finds traces by each condition', async () => {
    const store = new MemoryTraceStore();
    const entity = { system: 'bullmq', queue: 'mail', name: 'welcome', id: '17' };
    await store.append([
      event('failed', {
        event_type: 'job:failed',
        timestamp: at(1),
        data: { error: { type: 'E', message: 'No Funds' } },
      }),
      event('open', {
        event_type: 'job:started',
        timestamp: at(2),
        data: { entity, name: 'Send', attributes: { n: 1 } },
      }),
      event('done', {
        event_type: 'job:completed',
        timestamp: at(3),
        tags: ['vip'],
        data: { links: [link('open')] },
      }),
    ]);
    expect(await ids(store, { status: 'failed' })).toEqual(['failed']);
    expect(await ids(store, { status: 'open' })).toEqual(['open']);
    expect(await ids(store, { status: 'success' })).toEqual(['done']);
    expect(await ids(store, { since: ms(2) })).toEqual(['done', 'open']);
    expect(await ids(store, { until: ms(2) })).toEqual(['failed']);
    expect(await ids(store, { queue: 'mail' })).toEqual(['open']);
    expect(await ids(store, { entityId: '17' })).toEqual(['open']);
    expect(await ids(store, { tag: 'vip' })).toEqual(['done']);
    expect(await ids(store, { eventType: 'job:failed' })).toEqual(['failed']);
    expect(await ids(store, { attributes: { n: 1 } })).toEqual(['open']);
    expect(await ids(store, { attributes: { n: 2 } })).toEqual([]);
    expect(await ids(store, { text: 'no funds' })).toEqual(['failed']);
    expect(await ids(store, { text: 'SEND' })).toEqual(['open']);
    expect(await ids(store, { linkedTo: 'open' })).toEqual(['done']);
    expect(await ids(store, { status: 'failed', queue: 'mail' })).toEqual([]);
  });

  function link(trace_id: string): { trace_id: string; span_id: string } {
    return { trace_id, span_id: 'S1' };
  }
});

describe('MemoryTraceStore.tail', () => {
  it('yields what is stored after the call, once', async () => {
    const store = new MemoryTraceStore();
    await store.append(events('T0', 1));
    const tail = store.tail()[Symbol.asyncIterator]();
    await store.append(events('T1', 2));
    await store.append(events('T1', 3));
    await store.close();
    expect(await rest(tail)).toEqual(['T1-0', 'T1-1', 'T1-2']);
  });

  it('wakes a reader that waits', async () => {
    const store = new MemoryTraceStore();
    const next = store.tail()[Symbol.asyncIterator]().next();
    await store.append(events('T1', 1));
    expect(await next).toMatchObject({ done: false, value: { event_id: 'T1-0' } });
  });

  it('yields the events of traces that match', async () => {
    const store = new MemoryTraceStore();
    const tail = store.tail({ tag: 'vip' })[Symbol.asyncIterator]();
    await store.append([event('T1', { event_id: 'a' }), event('T2', { event_id: 'b', tags: ['vip'] })]);
    await store.append([event('T2', { event_id: 'c' })]);
    await store.close();
    expect(await rest(tail)).toEqual(['b', 'c']);
  });

  it('ends when the signal is aborted', async () => {
    const stop = new AbortController();
    const next = new MemoryTraceStore().tail({}, { signal: stop.signal })[Symbol.asyncIterator]().next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('is over at once when the signal was aborted before', async () => {
    const tail = new MemoryTraceStore().tail({}, { signal: AbortSignal.abort() });
    expect(await rest(tail[Symbol.asyncIterator]())).toEqual([]);
  });

  it('lets a reader that does not keep up miss the oldest events', async () => {
    const store = new MemoryTraceStore({ maxEvents: 2 });
    const tail = store.tail()[Symbol.asyncIterator]();
    for (const stored of events('T1', 5)) await store.append([stored]);
    await store.close();
    expect(await rest(tail)).toEqual(['T1-3', 'T1-4']);
  });

  it('lets go of a reader that leaves its loop', async () => {
    const store = new MemoryTraceStore();
    const tail = store.tail();
    await store.append(events('T1', 3));
    for await (const _ of tail) break;
    await store.append(events('T2', 1));
    expect(await rest(tail[Symbol.asyncIterator]())).toEqual([]);
  });

  async function rest(tail: AsyncIterator<TraceEvent>): Promise<(string | undefined)[]> {
    const seen: (string | undefined)[] = [];
    for (let next = await tail.next(); !next.done; next = await tail.next()) seen.push(next.value.event_id);
    return seen;
  }
});
