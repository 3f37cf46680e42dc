import type { Carrier, Telemetry, TraceContext } from '@throughline/core';

/**
 * The JSON text of a carrier, written by the telemetry's own propagation. Other readers of BullMQ's carrier parse
 * JSON, so it is never a bare header.
 *
 * @returns `undefined` when the context is not one to continue
 */
export function carrierText(telemetry: Telemetry, context: TraceContext): string | undefined {
  const carrier: Carrier = {};
  telemetry.propagation.inject(context, carrier);
  return carrier.traceparent === undefined ? undefined : JSON.stringify(carrier);
}
