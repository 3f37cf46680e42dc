import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';

/** A real SDK, registered as applications do, until the test is over. */
export interface RealOtel {
  spans(): readonly ReadableSpan[];
  /** Of one instrumentation scope. */
  metrics(scope: string): Promise<readonly MetricData[]>;
}

export interface RealOtelOptions {
  readonly sampler?: Sampler;
  readonly processors?: readonly SpanProcessor[];
}

export function registerOtel({ sampler, processors = [] }: RealOtelOptions = {}): RealOtel {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter), ...processors];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors, ...(sampler && { sampler }) }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  onTestFinished(unregisterOtel);
  return {
    spans: () => exporter.getFinishedSpans(),
    async metrics(scope) {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics.find((each) => each.scope.name === scope)?.metrics ?? [];
    },
  };
}

function unregisterOtel(): void {
  trace.disable();
  context.disable();
  propagation.disable();
  metrics.disable();
}
