import { describe, expect, it } from 'vitest';
import { collectTrace } from '../events/collect-trace.ts';
import { EventWriter } from '../events/event-writer.ts';
import { MemoryTraceStore } from '../events/memory-trace-store.ts';
import { createEventTelemetry } from '../telemetry/event-telemetry.ts';
import { recordEvent } from '../telemetry/record-event.ts';
import type { Span, WorkEntity } from '../telemetry/span.ts';
import { traced } from '../telemetry/traced.ts';
import { createTraceGraph, type TraceGraph } from './trace-graph.ts';

/** Does `work` with event telemetry into a store, and reads the trace of `root` back. */
async function graphOf(
  work: (root: Span, telemetry: ReturnType<typeof createEventTelemetry>) => unknown,
): Promise<TraceGraph> {
  const store = new MemoryTraceStore();
  const telemetry = createEventTelemetry({ writer: new EventWriter(store) });
  const root = telemetry.startSpan('order', { parent: null });
  await work(root, telemetry);
  root.end();
  await telemetry.shutdown();
  return createTraceGraph(await collectTrace(store, root.context.traceId));
}

const charge = (attempt: number): WorkEntity => ({
  system: 'bullmq',
  queue: 'pay',
  name: 'charge',
  id: '7',
  attempt,
  maxAttempts: 3,
});

describe('a trace that event telemetry wrote', () => {
  it('tells sends, attempts and recovery', async () => {
    const graph = await graphOf((root, telemetry) => {
      const send = telemetry.startSpan('send pay', {
        parent: root.context,
        kind: 'producer',
        subject: 'job',
        entity: charge(0),
      });
      send.end();
      const first = telemetry.startSpan('process pay', {
        parent: send.context,
        subject: 'job',
        entity: charge(1),
      });
      first.end({ outcome: 'retry', error: new TypeError('card reader is off') });
      telemetry.startSpan('process pay', { parent: send.context, subject: 'job', entity: charge(2) }).end();
    });
    expect(graph.explainFailure().outcome).toBe('success');
    expect(graph.attempts('7')).toMatchObject({
      state: 'completed',
      failures: 1,
      maxAttempts: 3,
      sends: [{}],
    });
    expect(graph.explainFailure().recovered).toMatchObject([
      { failures: [{ error: { type: 'TypeError' } }] },
    ]);
  });

  it('tells a saga with a point, a failed step and a compensation', async () => {
    const graph = await graphOf(async ({ context: parent }, telemetry) => {
      const credit = traced(telemetry, 'credit', (span) => span.context, { parent, subject: 'stage:credit' });
      recordEvent(telemetry, 'ai:decision', { parent, status: 'success', data: { decision: 'approve' } });
      const failing = traced(telemetry, 'funding', async () => Promise.reject(new Error('no funds')), {
        parent,
        subject: 'stage:funding',
      });
      await failing.catch(() => undefined);
      traced(telemetry, 'undo credit', () => undefined, { parent, compensates: credit });
    });
    expect(graph.failure()?.subject).toBe('stage:funding');
    expect(graph.compensations()).toMatchObject([
      { status: 'compensated', step: { subject: 'stage:credit' } },
    ]);
    expect(graph.select(({ form }) => form === 'point')).toMatchObject([
      { state: 'completed', status: 'success' },
    ]);
    expect(graph.diagnostics()).toEqual([]);
  });

  it.each([
    ['error', 'failed'],
    ['timeout', 'failed'],
    ['rejected', 'failed'],
    ['dropped', 'failed'],
    ['retry', 'retrying'],
    ['lost', 'interrupted'],
    ['canceled', 'canceled'],
    ['delayed', 'suspended'],
    ['rate_limited', 'suspended'],
    ['waiting', 'suspended'],
    ['released', 'suspended'],
    ['ok', 'completed'],
  ] as const)('reads the outcome %s as %s', async (outcome, state) => {
    const graph = await graphOf((root, telemetry) =>
      telemetry.startSpan('work', { parent: root.context }).end({ outcome }),
    );
    expect(graph.select(({ name }) => name === 'work')).toMatchObject([{ state }]);
  });

  it('fails a send that could not be sent', async () => {
    const graph = await graphOf((root, telemetry) =>
      telemetry
        .startSpan('send', { parent: root.context, kind: 'producer' })
        .end({ error: new Error('no route') }),
    );
    expect(graph.select(({ form }) => form === 'send')).toMatchObject([
      { state: 'failed', error: { message: 'no route' } },
    ]);
  });
});

describe('a trace that its writer had to continue in another', () => {
  it('is read as one, whichever part is asked for', async () => {
    const store = new MemoryTraceStore();
    const telemetry = createEventTelemetry({ writer: new EventWriter(store, { maxTraceEvents: 5 }) });
    const root = telemetry.startSpan('order', { parent: null });
    for (let i = 0; i < 10; i++) telemetry.startSpan(`call ${i}`, { parent: root.context }).end();
    root.end();
    await telemetry.shutdown();
    const first = await collectTrace(store, root.context.traceId);
    expect(first.traceIds.length).toBeGreaterThan(1);
    for (const traceId of first.traceIds) {
      const graph = createTraceGraph(await collectTrace(store, traceId));
      expect(graph.root()).toMatchObject({ traceId: root.context.traceId, state: 'completed' });
      expect(graph.children(root.context.spanId)).toHaveLength(10);
      expect(graph.diagnostics()).toEqual([]);
      expect(graph.explainFailure()).toMatchObject({ outcome: 'success', open: [] });
    }
  });
});
