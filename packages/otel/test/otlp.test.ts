import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { type Carrier, defineEventKind, recordEvent, type Telemetry, traced } from '@throughline/core';
import { createOtelTelemetry } from '@throughline/otel';
import { type OtlpReceiver, startOtlpReceiver } from '@throughline/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unregisterEverything } from './real-sdk.ts';

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.stop());

const resource = resourceFromAttributes({ 'service.name': 'shop' });
const hour = 3_600_000;

const jobDone = defineEventKind<{ readonly queue: string; readonly seconds: number }>('job.done', [
  { kind: 'counter', name: 'jobs', unit: '{job}', value: () => 1, attributes: ({ queue }) => ({ queue }) },
  { kind: 'histogram', name: 'job.duration', unit: 's', buckets: [1, 10], value: ({ seconds }) => seconds },
]);

describe.each([
  ['JSON', 'json', (url: string): SpanExporter => new JsonTraceExporter({ url })],
  ['protobuf', 'protobuf', (url: string): SpanExporter => new ProtoTraceExporter({ url })],
] as const)(
  'a job that travels from a producer to a consumer, over OTLP in %s',
  (_name, encoding, exporterTo) => {
    let telemetry: Telemetry;

    beforeEach(async () => {
      receiver.reset();
      const exporter = exporterTo(`${receiver.url}/v1/traces`);
      const processor = new BatchSpanProcessor(exporter, { scheduledDelayMillis: hour });
      new NodeTracerProvider({ resource, spanProcessors: [processor] }).register();
      telemetry = createOtelTelemetry({ scope: 'shop', scopeVersion: '1.2.3' });
    });
    afterEach(unregisterEverything);

    async function travel(): Promise<void> {
      const carrier: Carrier = {};
      await traced(
        telemetry,
        'send mail',
        async ({ context }) => telemetry.propagation.inject(context, carrier),
        {
          kind: 'producer',
          attributes: { 'messaging.system': 'bullmq', 'messaging.batch.message_count': 1 },
        },
      );
      const parent = telemetry.propagation.extract(JSON.stringify(carrier));
      const work = traced(
        telemetry,
        'process mail',
        async (span) => {
          span.addEvent('rendered', { 'template.name': 'welcome' });
          span.addLink({ context: span.context, relation: 'continues' });
          recordEvent(telemetry, 'ai:decision', { status: 'success', attributes: { confidence: 0.91 } });
          throw new RangeError('mailbox is full, token=abcdef123456');
        },
        { kind: 'consumer', parent: parent ?? null, outcomeOf: () => 'retry' },
      );
      await expect(work).rejects.toThrow('mailbox is full');
      expect(await telemetry.flush()).toEqual({ complete: true });
    }

    it('arrives as one trace', async () => {
      await travel();
      const [send, point, work] = receiver.spans();
      expect(receiver.requests().map((request) => request.encoding)).toEqual([encoding]);
      expect([send?.name, point?.name, work?.name]).toEqual(['send mail', 'ai:decision', 'process mail']);
      expect(work).toMatchObject({ traceId: send?.traceId, parentSpanId: send?.spanId, remoteParent: true });
      expect(point).toMatchObject({
        traceId: send?.traceId,
        parentSpanId: work?.spanId,
        remoteParent: false,
      });
    });

    it('keeps service, scope, kinds and attributes', async () => {
      await travel();
      const [send, point, work] = receiver.spans();
      expect(send).toMatchObject({
        service: 'shop',
        scope: { name: 'shop', version: '1.2.3' },
        kind: 'producer',
        status: { code: 'ok' },
        attributes: { 'messaging.system': 'bullmq', 'messaging.batch.message_count': 1 },
      });
      expect(work).toMatchObject({ kind: 'consumer' });
      expect(point).toMatchObject({
        kind: 'internal',
        attributes: { confidence: 0.91 },
        status: { code: 'ok' },
      });
    });

    it('tells the failure, without its secret', async () => {
      await travel();
      const [work] = receiver.spans({ name: 'process mail' });
      expect(work).toMatchObject({
        status: { code: 'error', message: expect.stringContaining('mailbox is full') },
        attributes: { 'error.type': 'RangeError', 'throughline.will_retry': true },
      });
      expect(work?.events.map((event) => event.name)).toEqual(['rendered', 'exception']);
      expect(work?.events[1]?.attributes).toMatchObject({ 'exception.type': 'RangeError' });
      expect(JSON.stringify(receiver.requests().map((request) => request.body))).not.toContain(
        'abcdef123456',
      );
    });

    it('keeps the relation of a link, and a point without length', async () => {
      await travel();
      const [work] = receiver.spans({ name: 'process mail' });
      const [point] = receiver.spans({ name: 'ai:decision' });
      expect(work?.links).toMatchObject([
        { spanId: work?.spanId, attributes: { 'throughline.relation': 'continues' } },
      ]);
      expect(point?.endTimeUnixNano).toBe(point?.startTimeUnixNano);
    });

    it('does not lose a batch to a span with a broken time', async () => {
      telemetry.startSpan('broken', { startTime: Number.NaN }).end({ endTime: -5 });
      telemetry.startSpan('sound').end();
      expect(await telemetry.flush()).toEqual({ complete: true });
      expect(receiver.spans().map((span) => span.name)).toEqual(['broken', 'sound']);
    });
  },
);

describe('flush over OTLP', () => {
  afterEach(unregisterEverything);

  it('fails when the endpoint refuses', async () => {
    const refusing = await startOtlpReceiver({ refuse: () => 400 });
    const exporter = new JsonTraceExporter({ url: `${refusing.url}/v1/traces` });
    new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }).register();
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('work').end();
    expect(await telemetry.flush()).toEqual({
      complete: false,
      reason: 'failed',
      error: expect.objectContaining({ code: 400 }),
    });
    await refusing.stop();
  });
});

describe('metrics over OTLP', () => {
  afterEach(unregisterEverything);

  it('arrive with unit, buckets and attributes, gauges included', async () => {
    receiver.reset();
    const exporter = new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics` });
    const telemetry = createOtelTelemetry();
    telemetry.observe({ kind: 'gauge', name: 'depth', unit: '{job}' }, (observe) =>
      observe(7, { state: 'waiting' }),
    );
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: hour });
    metrics.setGlobalMeterProvider(new MeterProvider({ resource, readers: [reader] }));
    telemetry.emitEvent(jobDone, { queue: 'mail', seconds: 4 });
    telemetry.emitEvent(jobDone, { queue: 'mail', seconds: 20 });

    expect(await telemetry.flush()).toEqual({ complete: true });
    const [depth] = receiver.metrics({ name: 'depth' });
    const [jobs] = receiver.metrics({ name: 'jobs' });
    const [duration] = receiver.metrics({ name: 'job.duration' });
    expect(depth).toMatchObject({
      type: 'gauge',
      unit: '{job}',
      points: [{ value: 7, attributes: { state: 'waiting' } }],
    });
    expect(jobs).toMatchObject({
      type: 'sum',
      monotonic: true,
      points: [{ value: 2, attributes: { queue: 'mail' } }],
    });
    expect(duration).toMatchObject({ unit: 's', points: [{ count: 2, bounds: [1, 10], counts: [0, 1, 1] }] });
    expect(jobs).toMatchObject({ service: 'shop', scope: { name: '@throughline/otel' } });
  });
});
