import type { CollectedTrace, TraceCutOff } from '../events/collect-trace.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import { firstTracesOf } from './continuations.ts';
import { type Fold, Folding } from './fold.ts';
import { FoldedTrace } from './folded-trace.ts';
import { linkSpans } from './link.ts';
import { SpanTable } from './span-table.ts';

const none: readonly TraceCutOff[] = [];

/** The one way from events to a {@link FoldedTrace}: pages are folded as they come, and linked when the trace is asked for. */
export class PagedTrace {
  #cutOffs: readonly TraceCutOff[] = none;
  #traceId: string | undefined;
  #folding = new Folding();
  /** The rows belong to a trace that was given away. */
  #isTaken = false;

  /** @param traceId the trace that questions are about; default the first that was collected */
  constructor(traceId: string | undefined) {
    this.#traceId = traceId;
  }

  add(page: Iterable<TraceEvent> | CollectedTrace): void {
    if (this.#isTaken) this.#foldAgain();
    this.#folding.add('events' in page ? page.events : asArray(page));
    if ('events' in page) this.#note(page);
  }

  /** The trace of all pages so far. */
  trace(): FoldedTrace {
    if (this.#isTaken) this.#foldAgain();
    this.#isTaken = true;
    const fold = asOneTrace(this.#folding);
    const table = new SpanTable(fold.rows);
    const traceId = this.#traceId === undefined ? undefined : fold.rows.index.firstTraceOf(this.#traceId);
    return new FoldedTrace(table, fold, linkSpans(fold, table), traceId, this.#cutOffs);
  }

  #note({ cutOffs, traceIds }: CollectedTrace): void {
    if (cutOffs.length > 0) this.#cutOffs = [...this.#cutOffs, ...cutOffs];
    this.#traceId ??= traceIds[0];
  }

  #foldAgain(): void {
    const { events } = this.#folding.rows;
    this.#folding = new Folding();
    this.#folding.add(events);
    this.#isTaken = false;
  }
}

/** Continuations are told as the trace that they continue. They are rare, so that is only found out at the end. */
function asOneTrace(fold: Folding): Fold {
  const firstTraces = firstTracesOf(fold);
  if (firstTraces === undefined) return fold;
  const joined = new Folding(firstTraces);
  joined.add(fold.rows.events);
  return joined;
}

function asArray(page: Iterable<TraceEvent>): readonly TraceEvent[] {
  return Array.isArray(page) ? page : [...page];
}
