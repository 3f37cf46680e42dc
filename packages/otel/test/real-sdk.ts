import { context, metrics, propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
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

/** A real tracer provider that keeps what it exports. */
export interface RealTracing {
  readonly provider: BasicTracerProvider;
  spans(): readonly ReadableSpan[];
  /** The one exported span of this name. */
  span(name: string): ReadableSpan;
}

export interface RealTracingOptions {
  readonly sampler?: Sampler;
  readonly processors?: readonly SpanProcessor[];
}

export function createTracing({ sampler, processors = [] }: RealTracingOptions = {}): RealTracing {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [...processors, new SimpleSpanProcessor(exporter)],
    ...(sampler && { sampler }),
  });
  return {
    provider,
    spans: () => exporter.getFinishedSpans(),
    span: (name) => only(exporter.getFinishedSpans(), name),
  };
}

/** A real meter provider that is collected on demand. */
export interface RealMetrics {
  readonly provider: MeterProvider;
  collect(): Promise<readonly MetricData[]>;
  /** The one collected metric of this name. */
  metric(name: string): Promise<MetricData>;
}

export function createMetrics(): RealMetrics {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  async function collect(): Promise<readonly MetricData[]> {
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  }
  return {
    provider,
    collect,
    async metric(name) {
      const found = (await collect()).find(({ descriptor }) => descriptor.name === name);
      if (!found) throw new Error(`no metric ${name}`);
      return found;
    },
  };
}

export function registerContextManager(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

export function registerPropagator(propagator: TextMapPropagator = new W3CTraceContextPropagator()): void {
  propagation.setGlobalPropagator(propagator);
}

/** Registers a tracer provider, a context manager and a propagator, as an SDK does. */
export function registerTracing(options?: RealTracingOptions): RealTracing {
  const tracing = createTracing(options);
  registerContextManager();
  registerPropagator();
  trace.setGlobalTracerProvider(tracing.provider);
  return tracing;
}

export function registerMetrics(): RealMetrics {
  const real = createMetrics();
  metrics.setGlobalMeterProvider(real.provider);
  return real;
}

/** Takes every global back, so that each test starts with an API that nobody registered anything with. */
export function unregisterEverything(): void {
  trace.disable();
  metrics.disable();
  propagation.disable();
  context.disable();
}

function only(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const [span, ...others] = spans.filter((each) => each.name === name);
  if (!span || others.length > 0)
    throw new Error(`expected one span ${name}, found ${others.length + Number(!!span)}`);
  return span;
}
