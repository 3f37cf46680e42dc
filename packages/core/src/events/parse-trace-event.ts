import type { TraceEvent, TraceEventData, TraceEventStatus } from './trace-event.ts';

/** What became of a value that should be an event. */
export type TraceEventReading =
  | { readonly event: TraceEvent; readonly reason?: undefined }
  | { readonly event?: undefined; readonly reason: string };

/** The event while it is being made; nobody else has seen it. */
export type DraftTraceEvent = { -readonly [K in keyof TraceEvent]: TraceEvent[K] };

/** Longer ids and types are no ids: some stores refuse them, and nobody looks them up. */
const maxTextLength = 1024;
const statuses: readonly unknown[] = ['success', 'failed', 'pending'] satisfies TraceEventStatus[];

/**
 * Reads a value, a parsed line of JSON for example, as an event.
 *
 * Total: any value gives an event or the reason why it is none. Ids may be any non-empty text of up to 1,024
 * characters and are kept as they are; a `timestamp` that is no text becomes the empty one, which is undated; optional
 * fields of the wrong type are left out. The event is a new object; `data` and `tags` are those of `value`.
 *
 * @example
 * ```ts
 * import { parseTraceEvent } from '@throughline/core/events';
 *
 * const { event, reason } = parseTraceEvent(JSON.parse('{"trace_id":"T1"}'));
 * if (event === undefined) console.log(reason); // 'span_id is missing'
 * ```
 */
export function parseTraceEvent(value: unknown): TraceEventReading {
  try {
    const event = draftOf(value);
    return typeof event === 'string' ? { reason: event } : { event };
  } catch {
    return { reason: 'the event cannot be read' };
  }
}

/**
 * The reason, as a text, when `value` is no event.
 *
 * @throws what the getters of `value` throw
 */
export function draftOf(value: unknown): DraftTraceEvent | string {
  if (typeof value !== 'object' || value === null) return 'the event is not an object';
  const fields = value as { readonly [K in keyof TraceEvent]?: unknown };
  const { trace_id, span_id, event_type, timestamp } = fields;
  if (!isText(trace_id)) return missing('trace_id', trace_id);
  if (!isText(span_id)) return missing('span_id', span_id);
  if (!isText(event_type)) return missing('event_type', event_type);
  const event: DraftTraceEvent = {
    trace_id,
    span_id,
    event_type,
    timestamp: isText(timestamp) ? timestamp : '',
  };
  addOptional(event, fields);
  return event;
}

function addOptional(event: DraftTraceEvent, fields: { readonly [K in keyof TraceEvent]?: unknown }): void {
  const { parent_span_id, status, data, tags, event_id, source, seq } = fields;
  if (isText(parent_span_id)) event.parent_span_id = parent_span_id;
  if (status !== undefined && statuses.includes(status)) event.status = status as TraceEventStatus;
  if (typeof data === 'object' && data !== null) event.data = data as TraceEventData;
  if (tags !== undefined && Array.isArray(tags)) event.tags = tags;
  if (isText(event_id)) event.event_id = event_id;
  if (isText(source)) event.source = source;
  if (Number.isSafeInteger(seq)) event.seq = seq as number;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxTextLength;
}

function missing(field: string, value: unknown): string {
  if (value === undefined || value === '') return `${field} is missing`;
  return `${field} is not a text of at most ${maxTextLength} characters`;
}
