import { randomTraceId } from '../trace-context/trace-ids.ts';

/** What a writer remembers of a trace. */
export interface LedgerTrace {
  /** Where its events go now: the trace itself, or its continuation. */
  readonly traceId: string;
  /** Events written there by this writer. */
  events: number;
}

/** Traces are forgotten when so many others were written to since. */
const maxTraces = 5000;

/**
 * Counts the events of each trace, so that the first one is known and no trace grows without end.
 *
 * Bounded: two generations of at most 5,000 traces each; a trace that is written to stays.
 */
export class TraceLedger {
  #young = new Map<string, LedgerTrace>();
  #old: ReadonlyMap<string, LedgerTrace> = new Map();

  of(traceId: string): LedgerTrace {
    return (
      this.#young.get(traceId) ?? this.#remember(traceId, this.#old.get(traceId) ?? { traceId, events: 0 })
    );
  }

  /** Later events of `traceId` go to a new trace. */
  continue(traceId: string): LedgerTrace {
    return this.#remember(traceId, { traceId: randomTraceId(), events: 0 });
  }

  #remember(traceId: string, trace: LedgerTrace): LedgerTrace {
    if (this.#young.size >= maxTraces) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(traceId, trace);
    return trace;
  }
}
