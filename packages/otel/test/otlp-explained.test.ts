import { AsyncLocalStorage } from 'node:async_hooks';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import {
  combineTelemetry,
  createEventTelemetry,
  recordEvent,
  type Telemetry,
  traced,
  type WorkEntity,
} from '@throughline/core';
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { fromOtlp } from '@throughline/core/otlp';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { createOtelTelemetry } from '@throughline/otel';
import { type OtlpReceiver, startOtlpReceiver } from '@throughline/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unregisterEverything } from './real-sdk.ts';

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.stop());

class InsufficientFundsError extends Error {
  override name = 'InsufficientFundsError';
}

const job = (
  id: string,
  attempt: number,
): { entity: WorkEntity; attributes: Record<string, string | number> } => ({
  entity: { system: 'bullmq', queue: 'pay', name: 'pay', id, attempt, maxAttempts: 2 },
  attributes: {
    'messaging.system': 'bullmq',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'pay',
    'messaging.message.id': id,
    'throughline.job.name': 'pay',
    'throughline.attempt': attempt,
    'throughline.max_attempts': 2,
  },
});

/** A saga: one job recovers, one fails for good, a step is undone. */
async function saga(telemetry: Telemetry): Promise<void> {
  const attempt = (id: string, number: number, error?: Error): Promise<void> =>
    traced(
      telemetry,
      'process pay',
      async () => {
        if (error) throw error;
      },
      {
        kind: 'consumer',
        subject: 'job',
        ...job(id, number),
        outcomeOf: () => (number < 2 ? 'retry' : 'error'),
      },
    );
  await traced(telemetry, 'order', async () => {
    const credit = await traced(telemetry, 'stage:credit', async ({ context }) => {
      await attempt('1', 1, new Error('busy')).catch(() => {});
      await attempt('1', 2);
      recordEvent(telemetry, 'ai:decision', { status: 'success', data: { confidence: 0.9 } });
      return context;
    });
    const funding = traced(telemetry, 'stage:funding', async () => {
      await attempt('2', 1, new Error('busy')).catch(() => {});
      await attempt('2', 2, new InsufficientFundsError('Insufficient funds'));
    });
    await funding.catch(async (error: unknown) => {
      await traced(telemetry, 'undo credit', async () => {}, { compensates: credit });
      throw error;
    });
  }).catch(() => {});
}

function story(graph: TraceGraph): unknown {
  const { outcome, causes, chain, recovered, ruledOut, compensation } = graph.explainFailure();
  return {
    outcome,
    causes: causes.map(({ span, error }) => [span.spanId, error]),
    chain: chain.map(({ spanId }) => spanId),
    recovered: recovered.map(({ by, failures }) => [by.spanId, failures.map(({ spanId }) => spanId)]),
    ruledOut: ruledOut.map(({ span, reason }) => [span.spanId, reason]).sort(),
    ledger: compensation.map(({ step, status, by }) => [step.spanId, status, by.map(({ spanId }) => spanId)]),
    // Spans of one instant have no order: the SDK rounds their starts to milliseconds.
    spans: graph.spans
      .map(({ spanId, parent, name, subject, form, state, attempt }) => ({
        ...{ spanId, parent: parent?.spanId, name, subject, form, state, attempt },
      }))
      .sort((a, b) => (a.spanId < b.spanId ? -1 : 1)),
  };
}

describe.each([
  ['JSON', (url: string): SpanExporter => new JsonTraceExporter({ url })],
  ['protobuf', (url: string): SpanExporter => new ProtoTraceExporter({ url })],
] as const)('spans that the OpenTelemetry SDK exported in %s', (_, exporterTo) => {
  let provider: NodeTracerProvider;
  beforeEach(() => {
    receiver.reset();
    const resource = resourceFromAttributes({ 'service.name': 'shop' });
    const processor = new BatchSpanProcessor(exporterTo(`${receiver.url}/v1/traces`));
    provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
    provider.register();
  });
  afterEach(unregisterEverything);

  it('are explained as the stored events of the same run are', async () => {
    const store = new MemoryTraceStore();
    const writer = new EventWriter(store, { source: 'shop' });
    const events = createEventTelemetry({ writer, ambient: new AsyncLocalStorage() });
    await saga(combineTelemetry(createOtelTelemetry(), events));
    await Promise.all([writer.close(), provider.shutdown()]);

    const { traces } = await store.listTraces({ eventType: 'order:started' });
    const stored = createTraceGraph(await store.getTrace(traces[0]?.traceId ?? ''));
    const imported = fromOtlp(receiver.requests().map(({ body }) => body));
    expect(imported.rejected).toEqual([]);
    expect(story(createTraceGraph(imported.events))).toEqual(story(stored));
    expect(stored.failure()?.error?.type).toBe('InsufficientFundsError');
  });
});
