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

/** What the span's own attributes say, and what OTLP has no field for. */
export function spanAttributes(span: TraceSpan, status: OtlpStatusWord): object {
  return {
    ...span.attributes,
    ...endAttributes(span, status),
    ...workAttributes(span),
    ...sagaAttributes(span),
    ...foreignIds(span),
    [ATTR_THROUGHLINE_SUBJECT]: span.subject === span.name ? undefined : span.subject,
    [ATTR_THROUGHLINE_EVENT_TYPE]: span.form === 'point' ? span.event?.event_type : undefined,
    [ATTR_THROUGHLINE_TAGS]: span.tags.length > 0 ? span.tags : undefined,
    [ATTR_THROUGHLINE_OPEN]: span.state === 'open' || undefined,
    [ATTR_THROUGHLINE_UNDATED]: span.startTime === undefined || undefined,
  };
}

function endAttributes({ state, event, error, attributes }: TraceSpan, status: OtlpStatusWord): object {
  const stated = event?.data?.outcome;
  const outcome = state === 'interrupted' ? 'lost' : typeof stated === 'string' ? stated : undefined;
  const type = outcome === 'lost' ? outcome : (attributes[ATTR_ERROR_TYPE] ?? error?.type ?? '_OTHER');
  return {
    [ATTR_ERROR_TYPE]: status === 'error' ? type : attributes[ATTR_ERROR_TYPE],
    [ATTR_THROUGHLINE_OUTCOME]: outcome === 'ok' ? undefined : outcome,
    [ATTR_THROUGHLINE_WILL_RETRY]: state === 'retrying' || undefined,
  };
}

function workAttributes({ entity, attempt, maxAttempts }: TraceSpan): object {
  return {
    [ATTR_THROUGHLINE_ENTITY_SYSTEM]: entity?.system,
    [ATTR_THROUGHLINE_ENTITY_QUEUE]: entity?.queue,
    [ATTR_THROUGHLINE_ENTITY_NAME]: entity?.name,
    [ATTR_THROUGHLINE_ENTITY_ID]: entity?.id,
    ...(attempt !== undefined && { [ATTR_THROUGHLINE_ATTEMPT]: attempt }),
    ...(maxAttempts !== undefined && { [ATTR_THROUGHLINE_MAX_ATTEMPTS]: maxAttempts }),
  };
}

function sagaAttributes({ isStep, originalSpanId, events }: TraceSpan): object {
  const isDeclared = isStep && events.some(({ data }) => data?.step === true);
  const compensation = events.find(({ data }) => typeof data?.compensation === 'string')?.data?.compensation;
  return {
    [ATTR_THROUGHLINE_STEP]: isDeclared || undefined,
    [ATTR_THROUGHLINE_COMPENSATION]: compensation,
    [ATTR_THROUGHLINE_ORIGINAL_SPAN_ID]: originalSpanId,
  };
}

/** OTLP carries ids derived from those that it has no room for; these are the originals. */
function foreignIds({ traceId, spanId, parentSpanId }: TraceSpan): object {
  return {
    [ATTR_THROUGHLINE_TRACE_ID]: otlpTraceId(traceId) === traceId ? undefined : traceId,
    [ATTR_THROUGHLINE_SPAN_ID]: otlpSpanId(spanId) === spanId ? undefined : spanId,
    [ATTR_THROUGHLINE_PARENT_SPAN_ID]:
      parentSpanId === undefined || otlpSpanId(parentSpanId) === parentSpanId ? undefined : parentSpanId,
  };
}
