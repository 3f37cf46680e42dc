import type { Telemetry } from '@throughline/core';
import { createPropagation } from './create-propagation.ts';
import { fixedMeter, globalMeter, type MeterSource, noMeter } from './meter-source.ts';
import { OtelTelemetry } from './otel-telemetry.ts';
import { checkOtelTelemetryOptions, type OtelTelemetryOptions } from './otel-telemetry-options.ts';
import { fixedTracer, globalTracer, type TracerSource } from './tracer-source.ts';

const DEFAULT_SCOPE = '@throughline/otel';

/**
 * A telemetry that writes spans, metrics and carriers through the OpenTelemetry API.
 *
 * It finds what the application registers: the tracer and meter providers, the propagator and the context manager,
 * whether they are registered before this call, after it, or again. While nothing is registered no span is recorded,
 * and the context of a given parent still passes through. It never creates, replaces or closes a provider.
 *
 * Of `SpanOptions` OpenTelemetry knows attributes, links, times and kinds; `subject`, `entity`, `data` and `tags` are
 * words of the stored event and are ignored here.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { traced } from '@throughline/core';
 * import { createOtelTelemetry } from '@throughline/otel';
 *
 * const telemetry = createOtelTelemetry();
 * await traced(telemetry, 'import orders', async (span) => {
 *   span.setAttributes({ 'orders.count': 3 });
 * });
 * ```
 * @see {@link https://opentelemetry.io/docs/specs/otel/ | OpenTelemetry specification}
 */
export function createOtelTelemetry(options: OtelTelemetryOptions = {}): Telemetry {
  checkOtelTelemetryOptions(options);
  const {
    propagator = 'global',
    successStatus = 'ok',
    recordExceptions = true,
    recordStacks = false,
  } = options;
  const telemetry = new OtelTelemetry({
    tracers: tracerSource(options),
    meters: meterSource(options),
    propagation: createPropagation(propagator),
    spanPolicy: { successStatus, recordExceptions, recordStacks },
    forceFlush: options.forceFlush,
  });
  const { importSpans } = options;
  return importSpans ? Object.assign(telemetry, { importSpans }) : telemetry;
}

function tracerSource({
  tracer,
  tracerProvider,
  scope = DEFAULT_SCOPE,
  scopeVersion,
}: OtelTelemetryOptions): TracerSource {
  if (tracer) return fixedTracer(tracer, tracerProvider);
  if (tracerProvider) return fixedTracer(tracerProvider.getTracer(scope, scopeVersion), tracerProvider);
  return globalTracer(scope, scopeVersion);
}

function meterSource({
  metrics = true,
  meter,
  meterProvider,
  scope = DEFAULT_SCOPE,
  scopeVersion,
}: OtelTelemetryOptions): MeterSource {
  if (!metrics) return noMeter;
  if (meter) return fixedMeter(meter, meterProvider);
  if (meterProvider) return fixedMeter(meterProvider.getMeter(scope, scopeVersion), meterProvider);
  return globalMeter(scope, scopeVersion);
}
