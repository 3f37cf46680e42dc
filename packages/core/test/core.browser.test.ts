import { describe, expect, it } from 'vitest';
import { EventWriter, MemoryTraceStore } from '../src/events/index.ts';
import { extractTraceContext, injectTraceContext, noopTelemetry, traced } from '../src/index.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a carrier in a page', () => {
  it('is read from fetch headers and written again unchanged', async () => {
    const headers = new Headers({ traceparent, tracestate: 'vendor=1' });
    const context = extractTraceContext(Object.fromEntries(headers));
    const carrier = {};
    if (context !== undefined) injectTraceContext(context, carrier);
    expect(carrier).toEqual({ traceparent, tracestate: 'vendor=1' });
  });

  it('survives a message to a worker', async () => {
    const { port1, port2 } = new MessageChannel();
    const received = new Promise((resolve) => {
      port2.onmessage = ({ data }) => resolve(extractTraceContext(data));
    });
    port1.postMessage({ traceparent });
    expect(await received).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    });
    port1.close();
  });
});

describe('traced with the no-op in a page', () => {
  it('gives the result of the function', async () => {
    const answer = traced(noopTelemetry, 'load', () => new Promise((resolve) => setTimeout(resolve, 0, 42)));
    expect(await answer).toBe(42);
  });

  it('rejects with the very error of the function', async () => {
    const error = new DOMException('gone', 'AbortError');
    const failing = traced(noopTelemetry, 'load', () => Promise.reject(error));
    await expect(failing).rejects.toBe(error);
  });
});

describe('EventWriter with MemoryTraceStore in a page', () => {
  it('stores what was emitted', async () => {
    const store = new MemoryTraceStore();
    const writer = new EventWriter(store, { resource: { 'service.name': 'page' } });
    const timestamp = new Date().toISOString();
    writer.emit({ trace_id: 'T1', span_id: 'S1', event_type: 'order:placed', timestamp });
    expect(await writer.close()).toMatchObject({ complete: true, buffered: 0 });
    expect(await store.getTrace('T1')).toMatchObject([{ event_type: 'order:placed', span_id: 'S1' }]);
  });
});
