import { AsyncLocalStorage } from 'node:async_hooks';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { combineTelemetry, createEventTelemetry, type Telemetry } from '@throughline/core';
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { createTraceGraph } from '@throughline/core/trace-graph';
import { createPgConductorTelemetry } from '@throughline/otel';
import { expect, it, onTestFinished } from 'vitest';
import { engine } from '../engine.ts';
import { onPostgres, type TestPostgres } from '../on-postgres.ts';

const invocable = { invocable: true } as const;
const atOnce = { type: 'fixed', delayMs: 0 } as const;

interface RealSdk {
  readonly telemetry: Telemetry;
  readonly exporter: InMemorySpanExporter;
  /** Names of metrics, with their units. */
  metrics(): Promise<Record<string, string>>;
}

function realSdk(sampler?: Sampler): RealSdk {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    ...(sampler && { sampler }),
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => context.disable());
  return {
    telemetry: createPgConductorTelemetry({ tracerProvider, meterProvider }),
    exporter,
    async metrics() {
      const { resourceMetrics } = await reader.collect();
      const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return Object.fromEntries(all.map(({ descriptor: { name, unit } }) => [name, unit]));
    },
  };
}

/** Invokes `mail`, whose first run fails, and drains. */
async function twoRuns(use: TestPostgres, telemetry: Telemetry): Promise<string> {
  const { conductor, orchestrator } = engine(use, { telemetry });
  const mail = conductor.createTask({ name: 'mail', backoff: atOnce }, invocable, async (_, ctx) => {
    if (ctx.attempt === 1) throw new TypeError('busy');
  });
  const id = await conductor.invoke({ name: 'mail' });
  await orchestrator({ tasks: [mail] }).drain();
  return String(id);
}

onPostgres("OpenTelemetry's SDK", (use) => {
  it('is told of a retried execution: one trace, statuses, a link, in the scope pgconductor', async () => {
    const { telemetry, exporter, metrics } = realSdk();
    await twoRuns(use, telemetry);

    const spans = exporter.getFinishedSpans();
    const [send, first, second] = ['send mail', 'process mail'].flatMap((name) =>
      spans.filter((span) => span.name === name),
    );
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(first?.parentSpanContext?.spanId).toBe(send?.spanContext().spanId);
    expect([first?.status.code, second?.status.code]).toEqual([2, 1]);
    expect(first?.attributes).toMatchObject({ 'error.type': 'TypeError', 'throughline.will_retry': true });
    expect(second?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId]);
    expect(send?.instrumentationScope.name).toBe('pgconductor');
    expect(await metrics()).toMatchObject({
      'messaging.process.duration': 's',
      'messaging.client.sent.messages': '{message}',
      'pgconductor.worker.fetch.duration': 's',
      'pgconductor.worker.flush.duration': 's',
      'pgconductor.task.duration': 's',
      'pgconductor.task.attempts': '{attempt}',
      'pgconductor.db.query.duration': 's',
      'throughline.wait.duration': 's',
      'throughline.backoff.duration': 's',
    });
  });

  it('measures, and gets no span, of what is not sampled', async () => {
    const { telemetry, exporter, metrics } = realSdk(new AlwaysOffSampler());
    await twoRuns(use, telemetry);

    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(await metrics()).toHaveProperty(['messaging.process.duration'], 's');
  });
});

onPostgres('stored events', (use) => {
  it('tell an execution by its id: queued, started, retrying, started, completed', async () => {
    const store = new MemoryTraceStore();
    const ambient = new AsyncLocalStorage<never>();
    const telemetry = createEventTelemetry({ writer: new EventWriter(store), ambient });
    const id = await twoRuns(use, telemetry);
    await telemetry.flush();

    const { traces } = await store.listTraces({ entityId: id });
    const events = await store.getTrace(traces[0]?.traceId ?? '');
    expect(events.map(({ event_type }) => event_type)).toEqual([
      'task:queued',
      'task:started',
      'task:retrying',
      'task:started',
      'task:completed',
    ]);
    const graph = createTraceGraph(events);
    const [work] = graph.retries();
    expect(work?.attempts.map(({ state }) => state)).toEqual(['retrying', 'completed']);
    expect(graph.explainFailure().outcome).toBe('success');
  });

  it('have the ids of the spans of an SDK beside them', async () => {
    const store = new MemoryTraceStore();
    const { telemetry: otel, exporter } = realSdk();
    const events = createEventTelemetry({ writer: new EventWriter(store) });
    const id = await twoRuns(use, combineTelemetry(otel, events));
    await events.flush();

    const { traces } = await store.listTraces({ entityId: id });
    const stored = await store.getTrace(traces[0]?.traceId ?? '');
    expect(new Set(stored.map(({ span_id }) => span_id))).toEqual(
      new Set(exporter.getFinishedSpans().map((span) => span.spanContext().spanId)),
    );
  });
});
