import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { combineTelemetry, createEventTelemetry, type Telemetry } from '@throughline/core';
import { EventWriter } from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import { createOtelTelemetry } from '@throughline/otel';

/** The telemetry of one process, and how to end it. */
export interface ProcessTelemetry {
  readonly telemetry: Telemetry;
  /** Flushes both sinks and closes what was opened here. */
  stop(): Promise<void>;
}

/**
 * Sends spans and metrics over OTLP to `OTEL_EXPORTER_OTLP_ENDPOINT` and events to the journal in `THROUGHLINE_STORE`,
 * with the same trace and span ids in both.
 */
export async function startProcessTelemetry(service: string): Promise<ProcessTelemetry> {
  const resource = resourceFromAttributes({ 'service.name': service });
  const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter())];
  const tracerProvider = new NodeTracerProvider({ resource, spanProcessors });
  tracerProvider.register();
  const meterProvider = new MeterProvider({ resource, readers: [metricReader()] });
  metrics.setGlobalMeterProvider(meterProvider);

  const store = await openJournalStore({ directory: requiredVariable('THROUGHLINE_STORE') });
  const writer = new EventWriter(store);
  const telemetry = combineTelemetry(createOtelTelemetry(), createEventTelemetry({ writer }));

  return {
    telemetry,
    async stop() {
      await writer.close();
      await store.close();
      await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
    },
  };
}

/** Exports often: the saga is over in a few seconds. */
function metricReader(): PeriodicExportingMetricReader {
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: 500,
    exportTimeoutMillis: 500,
  });
}

/** Reads a variable that the demo sets for the processes it starts. */
export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`Set ${name}; \`npm run demo\` does so for you.`);
  return value;
}
