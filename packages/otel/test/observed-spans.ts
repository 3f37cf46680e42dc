import { SpanKind as ApiSpanKind, type HrTime, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { ObservedSpan } from '@throughline/conformance';
import type { Attributes, SpanKind, SpanOutcome, SpanRelation } from '@throughline/core';

const kinds: Readonly<Record<ApiSpanKind, SpanKind>> = {
  [ApiSpanKind.INTERNAL]: 'internal',
  [ApiSpanKind.PRODUCER]: 'producer',
  [ApiSpanKind.CONSUMER]: 'consumer',
  [ApiSpanKind.CLIENT]: 'client',
  [ApiSpanKind.SERVER]: 'server',
};

/** An exported span in the words of the port. */
export function observedSpan(span: ReadableSpan): ObservedSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    kind: kinds[span.kind],
    attributes: span.attributes as Attributes,
    links: span.links.map(({ context, attributes }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      relation: attributes?.['throughline.relation'] as SpanRelation | undefined,
    })),
    events: span.events
      .filter(({ name }) => name !== 'exception')
      .map(({ name, time }) => ({ name, time: milliseconds(time) })),
    startTime: milliseconds(span.startTime),
    endTime: milliseconds(span.endTime),
    outcome: outcomeOf(span),
    errorMessage: span.status.message,
  };
}

function outcomeOf({ attributes, status }: ReadableSpan): SpanOutcome | undefined {
  const stated = attributes['throughline.outcome'] as SpanOutcome | undefined;
  return stated ?? (status.code === SpanStatusCode.OK ? 'ok' : undefined);
}

function milliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1_000 + nanoseconds / 1e6;
}
