import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { combineTelemetry, createEventTelemetry, type Telemetry } from '@throughline/core';
import { EventWriter, type TraceStore } from '@throughline/core/events';
import { createPgConductorTelemetry } from '@throughline/otel';

/** Where spans, metrics and events go, with the same ids in all of them. */
export interface ShopTelemetry {
  readonly telemetry: Telemetry;
  /** Brings everything where it belongs; `false` when the spans have not arrived. */
  stop(): Promise<boolean>;
}

/**
 * @param otlpEndpoint `http://127.0.0.1:4318`
 * @param store keeps the events
 */
export function startTelemetry(otlpEndpoint: string, store: TraceStore): ShopTelemetry {
  const endpoint = otlpEndpoint.replace(/\/$/, '');
  const resource = resourceFromAttributes({ 'service.name': 'shop' });
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const tracerProvider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  tracerProvider.register();
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` }),
  });
  const meterProvider = new MeterProvider({ resource, readers: [reader] });
  metrics.setGlobalMeterProvider(meterProvider);

  const writer = new EventWriter(store);
  const telemetry = combineTelemetry(createPgConductorTelemetry(), createEventTelemetry({ writer }));
  return {
    telemetry,
    async stop() {
      const { complete } = await telemetry.flush();
      await writer.close();
      await Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown()]);
      return complete === true;
    },
  };
}
