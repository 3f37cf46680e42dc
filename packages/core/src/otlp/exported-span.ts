import { wellFormed } from '../events/json-text.ts';
import type { StoredLink } from '../events/trace-event.ts';
import {
  ATTR_THROUGHLINE_EVENTS,
  ATTR_THROUGHLINE_SPAN_ID,
  ATTR_THROUGHLINE_TRACE_ID,
} from '../semantic-conventions/otlp.ts';
import { ATTR_THROUGHLINE_RELATION } from '../semantic-conventions/throughline.ts';
import { asFields, asNumber, asText } from '../trace-graph/event-data.ts';
import type { TraceSpan } from '../trace-graph/trace-span.ts';
import { toKeyValues } from './any-value.ts';
import { kindCode, type OtlpStatusWord, SAMPLED, statusCode } from './otlp-codes.ts';
import { otlpSpanId, otlpTraceId } from './otlp-id.ts';
import type { OtlpLink, OtlpSpan } from './otlp-json.ts';
import { spanAttributes } from './span-attributes.ts';
import { spanEvents } from './span-events.ts';
import type { SpanTimes } from './span-times.ts';
import { formatUnixNano } from './unix-nano.ts';

const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** One span of the graph as OTLP writes it. */
export function exportedSpan(span: TraceSpan, { start, end }: SpanTimes, lossless: boolean): OtlpSpan {
  const status = statusOf(span);
  const traceState = asText(span.events[0]?.data?.trace_state);
  const records = lossless ? { [ATTR_THROUGHLINE_EVENTS]: span.events.length } : undefined;
  return {
    traceId: otlpTraceId(span.traceId),
    spanId: otlpSpanId(span.spanId),
    ...(traceState !== undefined && { traceState: wellFormed(traceState) }),
    ...(span.parentSpanId !== undefined && { parentSpanId: otlpSpanId(span.parentSpanId) }),
    flags: flagsOf(span),
    name: wellFormed(span.name),
    kind: kindCode(span.form === 'send' ? 'producer' : (span.kind ?? 'internal')),
    startTimeUnixNano: formatUnixNano(start),
    endTimeUnixNano: formatUnixNano(end),
    attributes: toKeyValues({ ...spanAttributes(span, status), ...records }),
    events: spanEvents(span, start, lossless),
    links: span.links.map(exportedLink),
    status: statusMessage(span, status),
    ...droppedCounts(span),
  };
}

/** The OpenTelemetry column of the table at `SpanOutcome`; what makes no claim stays unset. */
function statusOf({ state, form, status, event }: TraceSpan): OtlpStatusWord {
  if (state === 'failed' || state === 'retrying' || state === 'interrupted') return 'error';
  if (state !== 'completed') return 'unset';
  return (form === 'work' ? event?.status : status) === 'success' ? 'ok' : 'unset';
}

function statusMessage({ error }: TraceSpan, status: OtlpStatusWord): OtlpSpan['status'] {
  const code = statusCode(status);
  return status === 'error' && error ? { code, message: wellFormed(error.message) } : { code };
}

/** Stored spans were recorded: sampled, unless they were imported with other flags. */
function flagsOf(span: TraceSpan): number {
  const traceFlags = asNumber(span.events[0]?.data?.trace_flags) ?? SAMPLED;
  return (traceFlags & 0xff) | remoteFlags(span);
}

/** Whether a parent is remote can be said when both clock domains are known. */
function remoteFlags({ parentSpanId, parent, events }: TraceSpan): number {
  if (parentSpanId === undefined) return HAS_IS_REMOTE;
  const source = asText(events[0]?.source);
  const above = asText(parent?.events[0]?.source);
  if (source === undefined || above === undefined) return 0;
  return HAS_IS_REMOTE | (source === above ? 0 : IS_REMOTE);
}

function exportedLink({ trace_id, span_id, relation }: StoredLink): OtlpLink {
  const traceId = otlpTraceId(trace_id);
  const spanId = otlpSpanId(span_id);
  const attributes = {
    [ATTR_THROUGHLINE_RELATION]: relation,
    [ATTR_THROUGHLINE_TRACE_ID]: traceId === trace_id ? undefined : trace_id,
    [ATTR_THROUGHLINE_SPAN_ID]: spanId === span_id ? undefined : span_id,
  };
  return { traceId, spanId, attributes: toKeyValues(attributes) };
}

/** What a producer said it left out, when these events were imported from it. */
function droppedCounts({ events }: TraceSpan): Partial<OtlpSpan> {
  const dropped = asFields(events[0]?.data?.dropped);
  const [attributes, spanEvents, links] = ['attributes', 'events', 'links'].map((key) =>
    asNumber(dropped?.[key]),
  );
  return {
    ...(attributes && { droppedAttributesCount: attributes }),
    ...(spanEvents && { droppedEventsCount: spanEvents }),
    ...(links && { droppedLinksCount: links }),
  };
}
