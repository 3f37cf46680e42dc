import {
  ATTR_THROUGHLINE_ORIGIN_TRACE_ID,
  ATTR_THROUGHLINE_RELATION,
  readCarrier,
  type SpanOptions,
  type Telemetry,
} from '@throughline/core';

/** Where a consumed job came from: its part of a span's options. */
export type CarrierOrigin = Pick<SpanOptions, 'parent' | 'links' | 'attributes'>;

/** No carrier, or none that can be believed: a trace of its own, never what happens to be active in the worker. */
export const newTrace: CarrierOrigin = Object.freeze({ parent: null });

/**
 * What the carrier of a job says about its origin. Total: a carrier of any shape gives an answer, and one that is not
 * believed is counted by the telemetry (`telemetryHealth(telemetry).rejectedCarriers`).
 */
export function originOf(telemetry: Telemetry, metadata: unknown): CarrierOrigin {
  if (!metadata) return newTrace;
  const context = telemetry.propagation.extract(metadata);
  if (context === undefined) return newTrace;
  if (!wantsLink(metadata)) return { parent: context };
  return {
    parent: null,
    links: [{ context, relation: 'produced_by' }],
    attributes: { [ATTR_THROUGHLINE_ORIGIN_TRACE_ID]: context.traceId, [ATTR_THROUGHLINE_RELATION]: 'link' },
  };
}

/** The producer's wish. A carrier is read again only when it can have one. */
function wantsLink(metadata: unknown): boolean {
  if (typeof metadata === 'string' && !metadata.includes('relation')) return false;
  const reading = readCarrier(metadata);
  return reading.context !== undefined && reading.relation === 'link';
}
