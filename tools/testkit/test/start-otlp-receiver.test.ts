import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  JsonLogsSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from '../src/index.ts';

const resource = resourceFromAttributes({ 'service.name': 'loans', 'service.instance.id': 7 });
const remote = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
};

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.stop());

/** One producer span with a link, an event, every type of attribute and an error, sent by the given exporter. */
async function sendSpan(exporter: SpanExporter): Promise<void> {
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const span = provider.getTracer('testkit', '1.2.3').startSpan('send loans', {
    kind: SpanKind.PRODUCER,
    startTime: [1_700_000_000, 123_456_789],
    links: [{ context: remote, attributes: { relation: 'retry_of' } }],
    attributes: {
      text: 'é',
      whole: 42,
      part: 0.5,
      yes: true,
      no: false,
      zero: 0,
      list: ['a', 'b'],
      big: 2 ** 53,
    },
  });
  span.addEvent('checked', { score: 700 }, [1_700_000_000, 500_000_000]);
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no funds' });
  span.end([1_700_000_001, 0]);
  await provider.shutdown();
}

const exporters: Record<string, (url: string) => SpanExporter> = {
  'JSON exporter': (url) => new JsonTraceExporter({ url }),
  'protobuf exporter': (url) => new ProtobufTraceExporter({ url }),
  'protobuf exporter with gzip': (url) => new ProtobufTraceExporter({ url, compression: 'gzip' as never }),
};

describe.each(Object.entries(exporters))('startOtlpReceiver with the %s', (_name, createExporter) => {
  it('gives every field of a span', async () => {
    await sendSpan(createExporter(`${receiver.url}/v1/traces`));
    expect(receiver.spans()).toEqual([
      {
        traceId: expect.stringMatching(/^[\da-f]{32}$/),
        spanId: expect.stringMatching(/^[\da-f]{16}$/),
        parentSpanId: undefined,
        traceState: '',
        traceFlags: 1,
        remoteParent: false,
        name: 'send loans',
        kind: 'producer',
        startTime: 1_700_000_000_123.456,
        endTime: 1_700_000_001_000,
        startTimeUnixNano: 1_700_000_000_123_456_789n,
        endTimeUnixNano: 1_700_000_001_000_000_000n,
        attributes: {
          text: 'é',
          whole: 42,
          part: 0.5,
          yes: true,
          no: false,
          zero: 0,
          list: ['a', 'b'],
          big: expect.toSatisfy((value) => Number(value) === 2 ** 53),
        },
        droppedAttributesCount: 0,
        events: [{ name: 'checked', time: 1_700_000_000_500, attributes: { score: 700 } }],
        links: [
          {
            traceId: remote.traceId,
            spanId: remote.spanId,
            traceState: '',
            attributes: { relation: 'retry_of' },
          },
        ],
        status: { code: 'error', message: 'no funds' },
        resource: { 'service.name': 'loans', 'service.instance.id': 7 },
        service: 'loans',
        scope: { name: 'testkit', version: '1.2.3', attributes: {} },
      },
    ]);
  });
});

describe('OtlpReceiver.spans', () => {
  beforeEach(() => sendSpan(new JsonTraceExporter({ url: `${receiver.url}/v1/traces` })));

  it('finds by name, kind, service and trace id together', () => {
    const [span] = receiver.spans();
    const query = { name: 'send loans', kind: 'producer', service: 'loans', traceId: span?.traceId } as const;
    expect(receiver.spans(query)).toEqual([span]);
    expect(receiver.spans({ ...query, kind: 'consumer' })).toEqual([]);
    expect(receiver.spans({ ...query, traceId: remote.traceId })).toEqual([]);
  });

  it('is empty after reset', () => {
    receiver.reset();
    expect(receiver.spans()).toEqual([]);
    expect(receiver.requests()).toEqual([]);
  });
});

describe('OtlpReceiver.waitForSpans', () => {
  it('resolves when enough spans have arrived', async () => {
    const waiting = receiver.waitForSpans(2);
    await sendSpan(new JsonTraceExporter({ url: `${receiver.url}/v1/traces` }));
    await sendSpan(new ProtobufTraceExporter({ url: `${receiver.url}/v1/traces` }));
    expect(await waiting).toHaveLength(2);
  });

  it('names what did arrive when the deadline passes', async () => {
    await sendSpan(new JsonTraceExporter({ url: `${receiver.url}/v1/traces` }));
    await expect(receiver.waitForSpans((spans) => spans.length > 1, { timeoutMs: 30 })).rejects.toThrow(
      'Waited 30 ms for the wanted spans. 1 arrived: "send loans".',
    );
  });
});

describe('OtlpReceiver.metrics', () => {
  /** A counter at 3, an up-down counter at -1, a gauge at 0.5 and a histogram of 5 and 50. */
  async function measure(reader: PeriodicExportingMetricReader): Promise<void> {
    const provider = new MeterProvider({ resource, readers: [reader] });
    const meter = provider.getMeter('testkit');
    meter.createCounter('jobs', { unit: '{job}', description: 'Jobs done' }).add(3, { queue: 'mail' });
    meter.createUpDownCounter('busy').add(-1);
    meter.createGauge('load').record(0.5);
    const wait = meter.createHistogram('wait', { advice: { explicitBucketBoundaries: [10, 100] } });
    wait.record(5);
    wait.record(50);
    await provider.forceFlush();
    await provider.shutdown();
  }

  async function sendAsJson(): Promise<void> {
    const exporter = new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics` });
    await measure(new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 }));
  }

  async function sendAsProtobuf(): Promise<void> {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const sent = collected(exporter);
    await measure(new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 }));
    const body = ProtobufMetricsSerializer.serializeRequest(await sent);
    await fetch(`${receiver.url}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: body as Uint8Array<ArrayBuffer>,
    });
  }

  function collected(
    exporter: InMemoryMetricExporter,
  ): Promise<Parameters<InMemoryMetricExporter['export']>[0]> {
    return new Promise((resolve) => {
      const take = exporter.export.bind(exporter);
      exporter.export = (metrics, done) => {
        resolve(metrics);
        take(metrics, done);
      };
    });
  }

  it.each([
    ['JSON', sendAsJson],
    ['protobuf', sendAsProtobuf],
  ])('gives type, unit and points sent as %s', async (_encoding, send) => {
    await send();
    expect(receiver.metrics({ name: 'jobs', service: 'loans' })[0]).toMatchObject({
      type: 'sum',
      monotonic: true,
      temporality: 'cumulative',
      unit: '{job}',
      description: 'Jobs done',
      points: [{ value: 3, attributes: { queue: 'mail' } }],
    });
    expect(receiver.metrics({ name: 'busy' })[0]).toMatchObject({
      monotonic: false,
      points: [{ value: -1 }],
    });
    expect(receiver.metrics({ name: 'load' })[0]).toMatchObject({ type: 'gauge', points: [{ value: 0.5 }] });
    expect(receiver.metrics({ name: 'wait' })[0]).toMatchObject({
      type: 'histogram',
      points: [{ count: 2, sum: 55, min: 5, max: 50, bounds: [10, 100], counts: [1, 1, 0] }],
    });
  });
});

describe('OtlpReceiver.requests', () => {
  it.each([
    ['application/json', JsonLogsSerializer],
    ['application/x-protobuf', ProtobufLogsSerializer],
  ])('has logs sent as %s in the shape of OTLP/JSON', async (contentType, serializer) => {
    const record = {
      hrTime: [1_700_000_000, 0] as [number, number],
      hrTimeObserved: [1_700_000_000, 0] as [number, number],
      severityText: 'INFO',
      body: 'paid',
      attributes: {},
      droppedAttributesCount: 0,
      spanContext: remote,
      resource,
      instrumentationScope: { name: 'testkit' },
    };
    await fetch(`${receiver.url}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: serializer.serializeRequest([record]) as Uint8Array<ArrayBuffer>,
    });
    expect(receiver.requests()).toMatchObject([
      {
        signal: 'logs',
        body: {
          resourceLogs: [
            {
              scopeLogs: [
                {
                  logRecords: [
                    {
                      severityText: 'INFO',
                      body: { stringValue: 'paid' },
                      traceId: remote.traceId,
                      spanId: remote.spanId,
                    },
                  ],
                },
              ],
            },
          ],
        },
      },
    ]);
  });
});
