import type { CarriedRelation, Carrier, Telemetry, TraceContext } from '@throughline/core';

/**
 * The JSON text of a carrier, written by the telemetry's own propagation. Other readers of BullMQ's carrier parse
 * JSON, so it is never a bare header.
 *
 * @param relation what the consumer is asked to do
 * @returns `undefined` when the context is not one to continue
 */
export function carrierText(
  telemetry: Telemetry,
  context: TraceContext,
  relation?: CarriedRelation,
): string | undefined {
  const carrier: Carrier = {};
  telemetry.propagation.inject(context, carrier);
  const { traceparent } = carrier;
  if (traceparent === undefined) return undefined;
  if (!isAlone(traceparent, carrier)) return JSON.stringify(relation ? { ...carrier, relation } : carrier);
  return relation
    ? `{"traceparent":"${traceparent}","relation":"${relation}"}`
    : `{"traceparent":"${traceparent}"}`;
}

/** Text that JSON writes as it is. */
const plain = /^[\w-]+$/;

/** The usual carrier has one plain field; writing it by hand costs a tenth of `JSON.stringify`. */
function isAlone(traceparent: string, carrier: Carrier): boolean {
  for (const key in carrier) if (key !== 'traceparent') return false;
  return plain.test(traceparent);
}
