import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { Telemetry } from '@throughline/core';
import { createOtelTelemetry } from '@throughline/otel';
import { type ReceivedMetric, startOtlpReceiver } from '@throughline/testkit';
import { onTestFinished } from 'vitest';

/** A real OpenTelemetry SDK that sends its metrics over OTLP to a receiver of the test. */
export interface MetricsPipeline {
  readonly telemetry: Telemetry;
  /** Exports now. @returns what the receiver got with this export */
  export(): Promise<readonly ReceivedMetric[]>;
}

export async function openMetricsPipeline(): Promise<MetricsPipeline> {
  const receiver = await startOtlpReceiver();
  const exporter = new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics` });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(async () => {
    await meterProvider.shutdown();
    await receiver.stop();
  });
  return {
    telemetry: createOtelTelemetry({ meterProvider }),
    async export() {
      receiver.reset();
      await meterProvider.forceFlush();
      return receiver.metrics();
    },
  };
}
