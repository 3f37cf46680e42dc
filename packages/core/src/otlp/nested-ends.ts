import type { ImportedSpan } from './imported-span.ts';

/**
 * OpenTelemetry's SDKs for JavaScript round the start of a span down to a millisecond and add its exact duration, so that
 * a span may seem to end before what ran in it, by less than that.
 */
export const clockGrainMs = 1;

/**
 * Lets a span end with the last that ran in it where it seems to end earlier only by rounding. What failed first, and
 * whether a failure was over when the code around it completed, is read from these instants.
 *
 * An end is late by less than a grain, so one that lies within a grain after another may be as early. From the innermost
 * spans outwards, because what a span holds ends with it, too. Parents that go round in a circle keep their ends.
 */
export function withNestedEnds(spans: readonly ImportedSpan[]): readonly ImportedSpan[] {
  const byKey = new Map(spans.map((span) => [keyOf(span, span.spanId), span]));
  const parentOf = (span: ImportedSpan): ImportedSpan | undefined =>
    byKey.get(keyOf(span, span.parentSpanId));
  const children = countOf(spans.map(parentOf));
  const ends = new Map<ImportedSpan, number>();
  const settled = spans.filter((span) => !children.has(span));
  for (const span of settled) {
    const parent = parentOf(span);
    if (parent === undefined) continue;
    const end = ends.get(span) ?? span.endTime ?? Number.NaN;
    const { endTime = Number.NaN } = parent;
    if (end < endTime + clockGrainMs && end > (ends.get(parent) ?? endTime)) ends.set(parent, end);
    const left = (children.get(parent) ?? 0) - 1;
    children.set(parent, left);
    if (left === 0) settled.push(parent);
  }
  return spans.map((span) => (ends.has(span) ? { ...span, endTime: ends.get(span) } : span));
}

function countOf(parents: readonly (ImportedSpan | undefined)[]): Map<ImportedSpan, number> {
  const counts = new Map<ImportedSpan, number>();
  for (const parent of parents) if (parent !== undefined) counts.set(parent, (counts.get(parent) ?? 0) + 1);
  return counts;
}

/** Clocks of different processes differ for other reasons. */
function keyOf({ traceId, origin }: ImportedSpan, spanId: string | undefined): string {
  return `${origin.source}\n${traceId}\n${spanId}`;
}
