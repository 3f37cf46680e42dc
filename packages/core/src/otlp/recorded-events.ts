import type { TraceEvent } from '../events/trace-event.ts';
import { ATTR_THROUGHLINE_EVENT, ATTR_THROUGHLINE_EVENTS } from '../semantic-conventions/otlp.ts';
import { parseRecord } from './event-record.ts';
import type { ImportedSpan } from './imported-span.ts';
import { otlpSpanId, otlpTraceId } from './otlp-id.ts';

/**
 * The stored events that a span carries, exactly as they were.
 *
 * @returns `undefined` when the span carries none, `'incomplete'` when some of them were cut off on the way or are of
 *   another span
 */
export function recordedEvents(span: ImportedSpan): readonly TraceEvent[] | 'incomplete' | undefined {
  const wanted = span.attributes[ATTR_THROUGHLINE_EVENTS];
  if (typeof wanted !== 'number' || wanted < 1) return undefined;
  const events = span.events.flatMap(
    ({ attributes }) => parseRecord(attributes[ATTR_THROUGHLINE_EVENT]) ?? [],
  );
  return events.length === wanted && events.every((event) => isOf(event, span)) ? events : 'incomplete';
}

function isOf({ trace_id, span_id }: TraceEvent, { traceId, spanId }: ImportedSpan): boolean {
  return otlpTraceId(trace_id) === otlpTraceId(traceId) && otlpSpanId(span_id) === otlpSpanId(spanId);
}
