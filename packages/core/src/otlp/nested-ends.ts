import type { ImportedSpan } from './imported-span.ts';

/**
 * OpenTelemetry's SDKs for JavaScript round the start of a span down to a millisecond and add its exact duration, so that
 * a child may seem to end after its parent by less than that.
 */
export const clockGrainMs = 1;

/**
 * Lets a child end with its parent where it seems to end later only by rounding. Whether a failure was over when the code
 * around it completed is read from these two instants.
 */
export function withNestedEnds(spans: readonly ImportedSpan[]): readonly ImportedSpan[] {
  const ends = new Map(spans.map((span) => [keyOf(span, span.spanId), span.endTime]));
  return spans.map((span) => {
    const { startTime = Number.NaN, endTime = Number.NaN } = span;
    const end = Math.max(startTime, ends.get(keyOf(span, span.parentSpanId)) ?? Number.NaN);
    return endTime > end && endTime - end < clockGrainMs ? { ...span, endTime: end } : span;
  });
}

/** Clocks of different processes differ for other reasons. */
function keyOf({ traceId, origin }: ImportedSpan, spanId: string | undefined): string {
  return `${origin.source}\n${traceId}\n${spanId}`;
}
