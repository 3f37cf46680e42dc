import { describe, expect, it } from 'vitest';
import { collectTrace } from './collect-trace.ts';
import { MemoryTraceStore } from './memory-trace-store.ts';
import type { TraceEvent } from './trace-event.ts';

function event(trace_id: string, ...linked: readonly string[]): TraceEvent {
  const links = linked.map((id) => ({ trace_id: id, span_id: 'S1' }));
  return { trace_id, span_id: 'S1', event_type: 'a:b', timestamp: '2026-01-31T12:00:00Z', data: { links } };
}

async function storeOf(...events: readonly TraceEvent[]): Promise<MemoryTraceStore> {
  const store = new MemoryTraceStore();
  await store.append(events);
  return store;
}

describe('collectTrace', () => {
  it('follows links in both directions, once', async () => {
    const store = await storeOf(event('A', 'B'), event('B', 'C', 'A'), event('C'), event('other'));
    const { traceIds, events, cutOffs } = await collectTrace(store, 'B');
    expect(traceIds.toSorted()).toEqual(['A', 'B', 'C']);
    expect(events).toHaveLength(3);
    expect(cutOffs).toEqual([]);
  });

  it('has no events of an unknown trace', async () => {
    expect(await collectTrace(await storeOf(), 'A')).toEqual({ events: [], traceIds: [], cutOffs: [] });
  });

  it('leaves out linked traces that are not in the store', async () => {
    expect((await collectTrace(await storeOf(event('A', 'elsewhere')), 'A')).traceIds).toEqual(['A']);
  });

  it('tells which traces it did not read', async () => {
    const store = await storeOf(event('A', 'B', 'C'), event('B'), event('C'));
    const { traceIds, cutOffs } = await collectTrace(store, 'A', { maxTraces: 2 });
    expect(traceIds).toEqual(['A', 'B']);
    expect(cutOffs).toEqual([{ traceId: 'C', reason: 'max_traces' }]);
  });

  it('tells which trace it did not read whole', async () => {
    const store = await storeOf(event('A', 'B'), event('A', 'C'), event('B'));
    const { events, cutOffs } = await collectTrace(store, 'A', { maxEvents: 1 });
    expect(events).toHaveLength(1);
    expect(cutOffs).toContainEqual({ traceId: 'A', reason: 'max_events' });
  });

  it('tells which linked trace could not be read', async () => {
    const store = await storeOf(event('A', 'B'));
    const getTrace = async (id: string) =>
      id === 'A' ? store.getTrace(id) : Promise.reject(new Error('unreadable'));
    const broken = Object.assign(Object.create(store), { getTrace, listTraces: () => store.listTraces() });
    const { cutOffs } = await collectTrace(broken, 'A');
    expect(cutOffs).toEqual([{ traceId: 'B', reason: 'unreadable' }]);
  });

  it('follows links forward in a store that cannot search', async () => {
    const store = await storeOf(event('A', 'B'), event('B'));
    const capabilities = { listTraces: false } as const;
    const getTrace = (id: string) => store.getTrace(id);
    const searchless = Object.assign(Object.create(store), { capabilities, getTrace });
    expect((await collectTrace(searchless, 'A')).traceIds).toEqual(['A', 'B']);
  });

  it('rejects when the trace asked for cannot be read', async () => {
    const store = await storeOf();
    await store.close();
    await expect(collectTrace(store, 'A')).rejects.toMatchObject({ code: 'THROUGHLINE_STORE_CLOSED' });
  });
});
