import { context, metrics, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';

/** An exporter that takes every batch and keeps nothing. */
const discard = {
  /** @param {unknown} _spans @param {(result: { code: number }) => void} done */
  export: (_spans, done) => done({ code: 0 }),
  shutdown: async () => {},
};

/**
 * Switches AsyncLocalStorage on as every application with OpenTelemetry has it. Node 20 installs the promise hooks
 * behind it when a context is first entered, and keeps them: until then it costs nothing.
 */
export function enableAmbientContext() {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  context.with(ROOT_CONTEXT, () => {});
}

/**
 * The SDK as an application registers it: batch processor, W3C propagator, a meter provider.
 *
 * @param {{ sampled: boolean | number }} options all, nothing, or that share of the traces
 */
export function registerSdk({ sampled }) {
  enableAmbientContext();
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const spans = new BasicTracerProvider({
    sampler: samplerOf(sampled),
    spanProcessors: [new BatchSpanProcessor(discard, { maxQueueSize: 100_000 })],
  });
  trace.setGlobalTracerProvider(spans);
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 60_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(meters);
  return async () => {
    await spans.shutdown();
    await meters.shutdown();
  };
}

/** @param {boolean | number} sampled */
function samplerOf(sampled) {
  if (typeof sampled === 'number' && sampled > 0 && sampled < 1)
    return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampled) });
  return sampled ? new AlwaysOnSampler() : new AlwaysOffSampler();
}
