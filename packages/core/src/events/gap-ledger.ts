import type { TraceEvent } from './trace-event.ts';

/** Why there was no room: there is no spool or it was too slow, it has no room either, or it fails. */
export type DropReason = 'buffer_full' | 'spool_full' | 'spool_failed';

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
  /** Why the first one was. */
  readonly reason: DropReason;
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

  note({ trace_id, span_id, timestamp }: TraceEvent, reason: DropReason): void {
    const traceId = this.#gaps.size < maxGaps || this.#gaps.has(trace_id) ? trace_id : this.#catchAllTraceId;
    const known = this.#gaps.get(traceId);
    if (known === undefined) {
      const gap = { traceId, spanId: span_id, since: timestamp, until: timestamp, dropped: 1, reason };
      this.#gaps.set(traceId, gap);
    } else {
      known.until = timestamp;
      known.dropped++;
    }
  }

  /** Removes and returns up to `count` gaps, the oldest first. */
  take(count: number): Gap[] {
    const taken = [...this.#gaps.values()].slice(0, count);
    for (const { traceId } of taken) this.#gaps.delete(traceId);
    return taken;
  }
}
