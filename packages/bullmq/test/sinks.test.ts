import { AsyncLocalStorage } from 'node:async_hooks';
import { context, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { combineTelemetry, createEventTelemetry, type Telemetry, traced } from '@throughline/core';
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { createOtelTelemetry } from '@throughline/otel';
import { waitFor } from '@throughline/testkit';
import type { Job } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJobWorld } from './support/job-world.ts';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

function openTelemetry() {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const telemetry = createOtelTelemetry({ tracerProvider, meterProvider, propagator: 'w3c' });
  return { telemetry, spans: () => exporter.getFinishedSpans(), reader };
}

function eventStore() {
  const store = new MemoryTraceStore();
  const writer = new EventWriter(store);
  return { store, writer, telemetry: createEventTelemetry({ writer, ambient: new AsyncLocalStorage() }) };
}

/** Fails once, then works. */
async function flaky(job: Job): Promise<void> {
  if (job.attemptsMade === 0) throw new RangeError('busy');
}

async function runJob(
  telemetry: Telemetry,
  processor: (job: Job) => Promise<void>,
): Promise<{ id: string; prefix: string }> {
  const world = openJobWorld();
  const worker = world.worker('mail', processor, telemetry);
  let settled = false;
  worker.on('completed', () => {
    settled = true;
  });
  worker.on('failed', (job) => {
    settled = job?.finishedOn !== undefined;
  });
  const job = await traced(telemetry, 'POST /orders', () =>
    world.queue('mail', telemetry).add('welcome', { to: 'ada' }, { attempts: 2 }),
  );
  await waitFor(() => settled, { what: 'the job' });
  await worker.close();
  return { id: job.id as string, prefix: world.prefix };
}

describe('a job in OpenTelemetry', () => {
  it('is a PRODUCER and one CONSUMER span per start, below the request', async () => {
    const { telemetry, spans } = openTelemetry();

    await runJob(telemetry, flaky);

    const [send, request, first, second] = spans();
    expect(spans().map((span) => span.name)).toEqual([
      'send mail',
      'POST /orders',
      'process mail',
      'process mail',
    ]);
    expect([send?.kind, first?.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    expect(send?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(first?.parentSpanContext).toMatchObject({ spanId: send?.spanContext().spanId, isRemote: true });
    expect(second?.parentSpanContext?.spanId).toBe(send?.spanContext().spanId);
  });

  it('has ERROR status, the type and the exception of a failure, and says that a retry follows', async () => {
    const { telemetry, spans } = openTelemetry();

    await runJob(telemetry, flaky);

    const [failed, completed] = spans().filter((span) => span.name === 'process mail');
    expect(failed?.status).toMatchObject({ code: SpanStatusCode.ERROR, message: 'busy' });
    expect(failed?.attributes).toMatchObject({
      'error.type': 'RangeError',
      'throughline.attempt': 1,
      'throughline.will_retry': true,
    });
    expect(failed?.events[0]).toMatchObject({
      name: 'exception',
      attributes: { 'exception.type': 'RangeError', 'exception.message': 'busy' },
    });
    expect(completed?.status.code).toBe(SpanStatusCode.OK);
    expect(completed?.attributes['throughline.will_retry']).toBeUndefined();
  });

  it('feeds the metrics of the messaging conventions', async () => {
    const { telemetry, reader } = openTelemetry();

    await runJob(telemetry, flaky);

    const { resourceMetrics } = await reader.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const process = metrics.find(({ descriptor }) => descriptor.name === 'messaging.process.duration');
    expect(metrics.map(({ descriptor }) => descriptor.name).sort()).toEqual([
      'messaging.client.consumed.messages',
      'messaging.client.operation.duration',
      'messaging.client.sent.messages',
      'messaging.process.duration',
      'throughline.wait.duration',
    ]);
    expect(process?.descriptor.unit).toBe('s');
    expect(process?.dataPoints.map((point) => point.attributes['throughline.outcome'])).toEqual([
      'retry',
      undefined,
    ]);
  });

  it('never has its data, result or options in a span', async () => {
    const { telemetry, spans } = openTelemetry();

    await runJob(telemetry, async () => {});

    const exported = JSON.stringify(spans().map(({ attributes, events }) => [attributes, events]));
    expect(exported).not.toContain('ada');
  });
});

describe('a job in an event store', () => {
  it('tells its story in order', async () => {
    const { telemetry, store } = eventStore();

    const { id } = await runJob(telemetry, flaky);

    const { traces } = await store.listTraces({ entityId: id });
    const events = await store.getTrace(traces[0]?.traceId ?? '');
    const story = events.map(({ event_type, status }) => `${event_type} ${status ?? ''}`.trim());
    expect(story.filter((line) => line.startsWith('job:'))).toEqual([
      'job:queued success',
      'job:started',
      'job:retrying failed',
      'job:started',
      'job:completed success',
    ]);
  });

  it('is found by job id and qualified queue', async () => {
    const { telemetry, store } = eventStore();

    const { id, prefix } = await runJob(telemetry, flaky);

    const found = await store.listTraces({ entityId: id, queue: `${prefix}:mail` });
    expect(found.traces).toHaveLength(1);
    const [start] = (await store.getTrace(found.traces[0]?.traceId ?? '')).filter(
      ({ event_type }) => event_type === 'job:started',
    );
    expect(start?.data).toMatchObject({
      entity: { system: 'bullmq', queue: `${prefix}:mail`, name: 'welcome', id },
      attempt: 1,
      max_attempts: 2,
    });
  });

  it('has failed with the error when no attempt is left', async () => {
    const { telemetry, store } = eventStore();

    const { id } = await runJob(telemetry, () => Promise.reject(new RangeError('no funds')));

    const { traces } = await store.listTraces({ entityId: id, status: 'failed' });
    const events = await store.getTrace(traces[0]?.traceId ?? '');
    const failed = events.find(({ event_type }) => event_type === 'job:failed');
    expect(failed?.data).toMatchObject({ attempt: 2, error: { type: 'RangeError', message: 'no funds' } });
  });

  it('is complete when the worker has closed', async () => {
    const { telemetry, writer } = eventStore();

    await runJob(telemetry, flaky);

    expect(writer.stats().buffered).toBe(0);
  });
});

describe('a job in both', () => {
  it('has the same ids', async () => {
    const otel = openTelemetry();
    const events = eventStore();

    const { id } = await runJob(combineTelemetry(otel.telemetry, events.telemetry), flaky);

    const { traces } = await events.store.listTraces({ entityId: id });
    const stored = await events.store.getTrace(traces[0]?.traceId ?? '');
    const exported = otel.spans().map((span) => span.spanContext().spanId);
    expect(new Set(stored.map((event) => event.span_id))).toEqual(new Set(exported));
    expect(otel.spans().every((span) => span.spanContext().traceId === traces[0]?.traceId)).toBe(true);
  });
});
