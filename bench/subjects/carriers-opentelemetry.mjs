import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { manyHeaders } from './carrier-headers.mjs';
import { roundTrips } from './round-trips.mjs';

const propagator = new W3CTraceContextPropagator();

/** @type {import('../harness/subject.mjs').Subject} */
export default roundTrips(manyHeaders(import.meta.url), (headers) => {
  /** @type {{ traceparent?: string }} */
  const carrier = {};
  const context = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  propagator.inject(context, carrier, defaultTextMapSetter);
  return carrier.traceparent;
});
