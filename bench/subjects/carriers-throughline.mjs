import { extractTraceContext, injectTraceContext } from '@throughline/core';
import { manyHeaders } from './carrier-headers.mjs';
import { roundTrips } from './round-trips.mjs';

/** @type {import('../harness/subject.mjs').Subject} */
export default roundTrips(manyHeaders(import.meta.url), (headers) => {
  /** @type {import('@throughline/core').Carrier} */
  const carrier = {};
  const context = extractTraceContext(headers);
  if (context !== undefined) injectTraceContext(context, carrier);
  return carrier.traceparent;
});
