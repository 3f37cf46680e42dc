import { ATTR_ERROR_TYPE } from '../semantic-conventions/general.ts';
import {
  ATTR_THROUGHLINE_COMPENSATION,
  ATTR_THROUGHLINE_ENTITY_ID,
  ATTR_THROUGHLINE_ENTITY_NAME,
  ATTR_THROUGHLINE_ENTITY_QUEUE,
  ATTR_THROUGHLINE_ENTITY_SYSTEM,
  ATTR_THROUGHLINE_EVENT_TYPE,
  ATTR_THROUGHLINE_OPEN,
  ATTR_THROUGHLINE_ORIGINAL_SPAN_ID,
  ATTR_THROUGHLINE_PARENT_SPAN_ID,
  ATTR_THROUGHLINE_SPAN_ID,
  ATTR_THROUGHLINE_STEP,
  ATTR_THROUGHLINE_SUBJECT,
  ATTR_THROUGHLINE_TAGS,
  ATTR_THROUGHLINE_TRACE_ID,
  ATTR_THROUGHLINE_UNDATED,
} from '../semantic-conventions/otlp.ts';
import {
  ATTR_THROUGHLINE_ATTEMPT,
  ATTR_THROUGHLINE_MAX_ATTEMPTS,
  ATTR_THROUGHLINE_OUTCOME,
  ATTR_THROUGHLINE_WILL_RETRY,
} from '../semantic-conventions/throughline.ts';
import type { TraceSpan } from '../trace-graph/trace-span.ts';
import type { OtlpStatusWord } from './otlp-codes.ts';
import { otlpSpanId, otlpTraceId } from './otlp-id.ts';

type Draft = Record<string, unknown>;

/** What the span's own attributes say, and what OTLP has no field for. */
export function spanAttributes(span: TraceSpan, status: OtlpStatusWord): object {
  const draft: Draft = { ...span.attributes };
  addEnd(draft, span, status);
  addWork(draft, span);
  addSaga(draft, span);
  addStoredIds(draft, span);
  const { subject, tags } = span;
  if (subject !== span.name) draft[ATTR_THROUGHLINE_SUBJECT] = subject;
  if (tags.length > 0) draft[ATTR_THROUGHLINE_TAGS] = tags;
  if (span.form === 'point') draft[ATTR_THROUGHLINE_EVENT_TYPE] = span.event?.event_type;
  if (span.state === 'open') draft[ATTR_THROUGHLINE_OPEN] = true;
  if (span.startTime === undefined) draft[ATTR_THROUGHLINE_UNDATED] = true;
  return draft;
}

function addEnd(draft: Draft, span: TraceSpan, status: OtlpStatusWord): void {
  const { state } = span;
  const stated = span.event?.data?.outcome;
  const outcome = state === 'interrupted' ? 'lost' : typeof stated === 'string' ? stated : 'ok';
  if (outcome !== 'ok') draft[ATTR_THROUGHLINE_OUTCOME] = outcome;
  if (state === 'retrying') draft[ATTR_THROUGHLINE_WILL_RETRY] = true;
  if (outcome === 'lost') draft[ATTR_ERROR_TYPE] = outcome;
  else if (status === 'error') draft[ATTR_ERROR_TYPE] ??= span.error?.type ?? '_OTHER';
}

function addWork(draft: Draft, { entity, attempt, maxAttempts }: TraceSpan): void {
  if (attempt !== undefined) draft[ATTR_THROUGHLINE_ATTEMPT] = attempt;
  if (maxAttempts !== undefined) draft[ATTR_THROUGHLINE_MAX_ATTEMPTS] = maxAttempts;
  if (entity === undefined) return;
  draft[ATTR_THROUGHLINE_ENTITY_SYSTEM] = entity.system;
  draft[ATTR_THROUGHLINE_ENTITY_QUEUE] = entity.queue;
  draft[ATTR_THROUGHLINE_ENTITY_NAME] = entity.name;
  draft[ATTR_THROUGHLINE_ENTITY_ID] = entity.id;
}

function addSaga(draft: Draft, { isStep, originalSpanId, events }: TraceSpan): void {
  if (originalSpanId !== undefined) draft[ATTR_THROUGHLINE_ORIGINAL_SPAN_ID] = originalSpanId;
  for (const { data } of events) {
    if (isStep && data?.step === true) draft[ATTR_THROUGHLINE_STEP] = true;
    if (typeof data?.compensation === 'string') draft[ATTR_THROUGHLINE_COMPENSATION] ??= data.compensation;
  }
}

/** OTLP carries ids derived from those that it has no room for; these are the originals. */
function addStoredIds(draft: Draft, { traceId, spanId, parentSpanId }: TraceSpan): void {
  if (otlpTraceId(traceId) !== traceId) draft[ATTR_THROUGHLINE_TRACE_ID] = traceId;
  if (otlpSpanId(spanId) !== spanId) draft[ATTR_THROUGHLINE_SPAN_ID] = spanId;
  if (parentSpanId !== undefined && otlpSpanId(parentSpanId) !== parentSpanId)
    draft[ATTR_THROUGHLINE_PARENT_SPAN_ID] = parentSpanId;
}
