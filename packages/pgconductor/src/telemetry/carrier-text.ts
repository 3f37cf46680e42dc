import type { CarriedRelation, Carrier, Telemetry, TraceContext } from '@throughline/core';

/** Of a carrier in a row, in characters; what is written for W3C Trace Context has only such as take one byte. */
const maxLength = 1_024;
/** Quotes, colon and comma; and what a relation or an ending may add. */
const fieldLength = 6;
const relationLength = 32;

/**
 * The carrier of `context` as the JSON that is stored in a row.
 *
 * @param relation what whoever runs the execution is asked to do
 * @returns `undefined` when the context is none to continue
 */
export function carrierText(
  telemetry: Telemetry,
  context: TraceContext,
  relation?: CarriedRelation | undefined,
): string | undefined {
  const carrier = carrierOf(telemetry, context);
  if (carrier === undefined) return undefined;
  if (relation !== undefined) carrier.relation = relation;
  return JSON.stringify(carrier);
}

/**
 * The carrier of `context`, written by the propagation of the telemetry.
 *
 * One that is longer than 1 KiB loses all but its `traceparent`: rows stay small, and the thread holds.
 *
 * @returns `undefined` when the context is none to continue
 */
export function carrierOf(telemetry: Telemetry, context: TraceContext): Carrier | undefined {
  const carrier: Carrier = {};
  telemetry.propagation.inject(context, carrier);
  const { traceparent } = carrier;
  if (traceparent === undefined) return undefined;
  return isSmall(carrier) ? carrier : { traceparent };
}

/** The usual carrier has one field. */
function isSmall(carrier: Carrier): boolean {
  let length = 0;
  for (const key in carrier) {
    const value: unknown = Reflect.get(carrier, key);
    length += key.length + (typeof value === 'string' ? value.length : maxLength) + fieldLength;
  }
  return length <= maxLength - relationLength;
}
