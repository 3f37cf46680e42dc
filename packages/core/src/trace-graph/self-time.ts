import { type Confidence, confidenceOf } from './confidence.ts';
import type { FoldedSpan } from './folded-span.ts';
import { windowOf } from './timing.ts';
import { isHandedOver, workBelow } from './work-below.ts';

/** The time that a span did not spend in the work below it. */
export interface SelfTime {
  /** Milliseconds in which nothing below ran. Never more than the span took; 0 while it is open. */
  readonly selfMs: number;
  /** Milliseconds in which something below ran: overlapping work counts once, and only within the span. */
  readonly belowMs: number;
  readonly confidence: Confidence;
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

export const noSelfTime: SelfTime = { selfMs: 0, belowMs: 0, confidence: confidenceOf([]) };

/** Union of the intervals of the `k` spans right below: O(k log k). */
export function selfTimeOf(span: FoldedSpan): SelfTime {
  const own = windowOf(span);
  if (own === undefined) return timeOf(0, 0, ['times are missing']);
  if (span.endTime === undefined) return timeOf(0, 0, ['it has not ended']);
  const reasons = new Set<string>();
  const whole = own.end - own.start;
  const intervals = workBelow(span).flatMap((child) => intervalWithin(child, own.start, own.end, reasons));
  const belowMs = Math.min(whole, lengthOfUnion(intervals));
  return timeOf(whole - belowMs, belowMs, reasons);
}

function timeOf(selfMs: number, belowMs: number, reasons: Iterable<string>): SelfTime {
  return { selfMs, belowMs, confidence: confidenceOf(reasons) };
}

function intervalWithin(child: FoldedSpan, start: number, end: number, reasons: Set<string>): Interval[] {
  const window = windowOf(child);
  if (window === undefined) {
    reasons.add('times are missing');
    return [];
  }
  if (child.endTime === undefined) reasons.add('work below has not ended');
  else if (window.end > end && !isHandedOver(child)) reasons.add('work below ran past the end of the span');
  if (window.start < start) reasons.add('clocks disagree');
  if (isHandedOver(child)) reasons.add('whether it waited for what it sent is not known');
  const from = Math.max(window.start, start);
  const to = child.isOpen ? end : Math.min(window.end, end);
  return to > from ? [{ from, to }] : [];
}

function lengthOfUnion(intervals: Interval[]): number {
  let length = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { from, to } of intervals.sort((a, b) => a.from - b.from)) {
    if (to <= reached) continue;
    length += to - Math.max(from, reached);
    reached = to;
  }
  return length;
}
