import { noopTelemetry } from '@throughline/core';
import { createOtelTelemetry } from '@throughline/otel';
import { registerSdk } from './otel-sdk.mjs';

/**
 * The telemetry that a subject's settings ask for: `telemetry=noop`, or `telemetry=otel` with the share that is `sampled`.
 *
 * @param {URLSearchParams} settings
 * @returns {{ telemetry?: import('@throughline/core').Telemetry }} options of the conductor
 */
export function telemetryOf(settings) {
  const kind = settings.get('telemetry');
  if (kind === null) return {};
  if (kind === 'noop') return { telemetry: noopTelemetry };
  registerSdk({ sampled: Number(settings.get('sampled') ?? 1) });
  return { telemetry: createOtelTelemetry({ scope: 'pgconductor' }) };
}
