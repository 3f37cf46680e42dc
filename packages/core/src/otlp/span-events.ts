import { splitEventType } from '../events/event-type.ts';
import { parseTimestamp } from '../events/timestamp.ts';
import type { StoredError, TraceEvent } from '../events/trace-event.ts';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  EXCEPTION_EVENT,
} from '../semantic-conventions/exception.ts';
import { ATTR_THROUGHLINE_EVENT } from '../semantic-conventions/otlp.ts';
import { asError, asFields, asList, asText } from '../trace-graph/event-data.ts';
import { instantOf } from '../trace-graph/event-order.ts';
import type { TraceSpan } from '../trace-graph/trace-span.ts';
import { toKeyValues } from './any-value.ts';
import { formatRecord } from './event-record.ts';
import type { OtlpSpanEvent } from './otlp-json.ts';
import { formatUnixNano } from './unix-nano.ts';

/**
 * The stored events of a span as its span events: errors under OpenTelemetry's name, progress under its own. Where the
 * way back has to be lossless, each carries the stored event, and starts and ends are there as well.
 *
 * @param start when the span began, in ms: what is undated happened then
 */
export function spanEvents(span: TraceSpan, start: number, lossless: boolean): OtlpSpanEvent[] {
  return span.events.flatMap((event) => [
    ...eventWithRecord(event, start, lossless),
    ...toldWithin(event, start),
  ]);
}

function eventWithRecord(event: TraceEvent, start: number, lossless: boolean): readonly OtlpSpanEvent[] {
  const error = asError(event.data?.error);
  const isProgress = splitEventType(event.event_type).phase === 'progress';
  const record = lossless ? formatRecord(event) : undefined;
  if (record === undefined && !isProgress && error === undefined) return [];
  const instant = instantOf(event);
  const attributes = {
    ...(isProgress ? asFields(event.data?.attributes) : undefined),
    ...(error && exceptionAttributes(error)),
    [ATTR_THROUGHLINE_EVENT]: record,
  };
  return [
    {
      timeUnixNano: formatUnixNano(Number.isFinite(instant) ? instant : start),
      name: error ? EXCEPTION_EVENT : (isProgress && asText(event.data?.name)) || event.event_type,
      attributes: toKeyValues(attributes),
    },
  ];
}

function exceptionAttributes({ type, message, stack }: StoredError): object {
  return {
    [ATTR_EXCEPTION_TYPE]: type,
    [ATTR_EXCEPTION_MESSAGE]: message,
    [ATTR_EXCEPTION_STACKTRACE]: stack,
  };
}

/** What a send or a point has to tell of itself is in its only event. */
function toldWithin({ data }: TraceEvent, start: number): readonly OtlpSpanEvent[] {
  return asList(data?.events).flatMap((told) => {
    const fields = asFields(told);
    const name = asText(fields?.name);
    if (name === undefined) return [];
    const instant = parseTimestamp(asText(fields?.timestamp) ?? '');
    return {
      timeUnixNano: formatUnixNano(Number.isNaN(instant) ? start : instant),
      name,
      attributes: toKeyValues(asFields(fields?.attributes) ?? {}),
    };
  });
}
