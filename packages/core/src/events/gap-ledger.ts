import type { TraceEvent } from './trace-event.ts';

/** Events that were dropped from one trace. */
export interface Gap {
  readonly traceId: string;
  /** The span of the first one. */
  readonly spanId: string;
  /** Timestamp of the first one. */
  readonly since: string;
  /** Timestamp of the last one. */
  until: string;
  dropped: number;
}

/** More torn traces than this at a time are told as one. */
const maxGaps = 1000;

/** Remembers which traces were torn, until that is written into them. */
export class GapLedger {
  readonly #gaps = new Map<string, Gap>();
  readonly #catchAllTraceId: string;

  /** @param catchAllTraceId where gaps are told when too many traces were torn */
  constructor(catchAllTraceId: string) {
    this.#catchAllTraceId = catchAllTraceId;
  }

  note({ trace_id, span_id, timestamp }: TraceEvent): void {
    const traceId = this.#gaps.size < maxGaps || this.#gaps.has(trace_id) ? trace_id : this.#catchAllTraceId;
    const gap = this.#gaps.get(traceId);
    if (gap === undefined) {
      this.#gaps.set(traceId, { traceId, spanId: span_id, since: timestamp, until: timestamp, dropped: 1 });
    } else {
      gap.until = timestamp;
      gap.dropped++;
    }
  }

  /** Removes and returns up to `count` gaps, the oldest first. */
  take(count: number): Gap[] {
    const taken = [...this.#gaps.values()].slice(0, count);
    for (const { traceId } of taken) this.#gaps.delete(traceId);
    return taken;
  }
}
