import { instantOf } from '../trace-graph/event-order.ts';
import type { TraceSpan } from '../trace-graph/trace-span.ts';

/** When a span began and ended, in ms, both always known: OTLP cannot do without. */
export interface SpanTimes {
  readonly start: number;
  /** Never before the start. */
  readonly end: number;
}

/**
 * Gives every span of a graph its times.
 *
 *   open         ends at `now`, by default the last instant of its trace: backends take an absent end for the year 1970
 *   interrupted  ends with the last that is known of it
 *   undated      begins with its parent, or with its trace
 */
export class Timeline {
  readonly #now: number | undefined;
  readonly #bounds = new Map<string, SpanTimes>();
  readonly #times = new Map<TraceSpan, SpanTimes>();

  constructor(spans: readonly TraceSpan[], now: number | undefined) {
    this.#now = now;
    for (const span of spans) this.#extendBounds(span);
    // Parents come before their children.
    for (const span of spans) this.#times.set(span, this.#timesOf(span));
  }

  of(span: TraceSpan): SpanTimes {
    return this.#times.get(span) ?? this.#timesOf(span);
  }

  #extendBounds({ traceId, startTime, endTime = startTime }: TraceSpan): void {
    if (startTime === undefined) return;
    const { start = startTime, end = startTime } = this.#bounds.get(traceId) ?? {};
    this.#bounds.set(traceId, { start: Math.min(start, startTime), end: Math.max(end, endTime ?? end) });
  }

  #timesOf(span: TraceSpan): SpanTimes {
    const bounds = this.#bounds.get(span.traceId);
    const around = span.parent && this.#times.get(span.parent);
    const start = span.startTime ?? around?.start ?? bounds?.start ?? 0;
    const end = span.state === 'open' ? (this.#now ?? bounds?.end) : endOf(span, start);
    return { start, end: Math.max(start, end ?? start) };
  }
}

function endOf(span: TraceSpan, start: number): number {
  if (span.form === 'work' && span.endTime !== undefined) return span.endTime;
  let last = start;
  for (const event of span.events) {
    const instant = instantOf(event);
    if (Number.isFinite(instant)) last = Math.max(last, instant);
  }
  // What is stored as one event tells its own length.
  const duration = span.events[0]?.data?.duration_ms;
  return span.form !== 'work' && typeof duration === 'number' && duration > 0 ? last + duration : last;
}
