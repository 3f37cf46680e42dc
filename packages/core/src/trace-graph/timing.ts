import { asNumber } from './event-data.ts';
import { instantOf } from './event-order.ts';
import type { FoldedSpan } from './folded-span.ts';
import { type PhaseCode, phaseOf, queued } from './phase.ts';

/** Where the time of a span went, in ms. The four parts sum to {@link totalMs}; none is negative. */
export interface SpanTiming {
  /** Put off on purpose before the first start. */
  readonly delayMs: number;
  /** Ready, and waiting for a worker. */
  readonly waitMs: number;
  /** Put off on purpose between two attempts. */
  readonly backoffMs: number;
  /** From start to end; while open, to `now` when given, else 0. */
  readonly runMs: number;
  readonly totalMs: number;
}

export const noTime: SpanTiming = { delayMs: 0, waitMs: 0, backoffMs: 0, runMs: 0, totalMs: 0 };

/**
 * The four numbers. What the source measured (`throughline.delay.duration`, `.wait.duration`, `.backoff.duration`, in
 * seconds) is taken as it is. Without it the gap since the send, or since the end of the attempt before, is wait;
 * after an attempt that was delayed, it is delay.
 */
export function timingOf(span: FoldedSpan, now?: number): SpanTiming {
  const begin = beginOf(span);
  const { delayMs, waitMs, backoffMs } = measuredPauses(span) ?? gapBefore(span, begin);
  const runMs = between(begin, span.endTime ?? now);
  return { delayMs, waitMs, backoffMs, runMs, totalMs: delayMs + waitMs + backoffMs + runMs };
}

/** Never negative, and 0 where one of the two is unknown. */
function between(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? 0 : Math.max(0, to - from);
}

function laterOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

type Pauses = Pick<SpanTiming, 'delayMs' | 'waitMs' | 'backoffMs'>;

function measuredPauses({ attributes }: FoldedSpan): Pauses | undefined {
  const read = (name: string): number | undefined => asNumber(attributes[`throughline.${name}.duration`]);
  const delay = read('delay');
  const wait = read('wait');
  const backoff = read('backoff');
  if (delay === undefined && wait === undefined && backoff === undefined) return undefined;
  return { delayMs: inMs(delay), waitMs: inMs(wait), backoffMs: inMs(backoff) };
}

/** A duration that milliseconds cannot express is not believed. */
function inMs(seconds = 0): number {
  const ms = seconds * 1000;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

function gapBefore(span: FoldedSpan, begin: number | undefined): Pauses {
  const { work } = span;
  const before = work?.before(span);
  const sentAt = queuedAt(span) ?? work?.sends[0]?.endTime;
  // An attempt that seems to have ended before its job was sent has a clock that is behind.
  const gap = between(laterOf(before?.endTime, sentAt), begin);
  const isDelayed = before?.event?.data?.outcome === 'delayed';
  return { delayMs: isDelayed ? gap : 0, waitMs: isDelayed ? 0 : gap, backoffMs: 0 };
}

/** When a span ran. The end of one that has none is where it was last seen; `undefined` for the undated. */
export function windowOf(span: FoldedSpan): { readonly start: number; readonly end: number } | undefined {
  const start = beginOf(span);
  return start === undefined ? undefined : { start, end: Math.max(start, span.endTime ?? lastSeen(span)) };
}

function lastSeen({ events }: FoldedSpan): number {
  let last = Number.NEGATIVE_INFINITY;
  for (const event of events) {
    const instant = instantOf(event);
    if (instant > last && Number.isFinite(instant)) last = instant;
  }
  return last;
}

/** When work began: a span may also hold the event that queued it. */
function beginOf(span: FoldedSpan): number | undefined {
  return instantWhere(span, (phase) => phase !== queued) ?? span.startTime;
}

/** When the event that queued the work says it was. */
export function queuedAt(span: FoldedSpan): number | undefined {
  return instantWhere(span, (phase) => phase === queued);
}

function instantWhere(span: FoldedSpan, test: (phase: PhaseCode) => boolean): number | undefined {
  const event = span.events.find(({ event_type }) => test(phaseOf(event_type)));
  const instant = event === undefined ? Number.NaN : instantOf(event);
  return Number.isFinite(instant) ? instant : undefined;
}
