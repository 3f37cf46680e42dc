import type { TraceCutOff } from '../events/collect-trace.ts';
import type { StoredLink, TraceEvent } from '../events/trace-event.ts';
import { compareEvents } from './event-order.ts';
import type { Fold } from './fold.ts';
import { compareSpans, type FoldedSpan, inOrder } from './folded-span.ts';
import type { Forest } from './link.ts';
import { loseWhatRanInside } from './lost-work.ts';
import { hasLinks, isGap } from './span-facts.ts';
import { none } from './span-index.ts';
import type { SpanTable } from './span-table.ts';
import { type SpanTiming, timingOf } from './timing.ts';
import type { SpanRef } from './trace-span.ts';
import { WorkIndex } from './work-index.ts';

/** Folded and linked events with what is derived from them, each derived once and only when asked for. */
export class FoldedTrace {
  readonly table: SpanTable;
  readonly forest: Forest;
  /** How many entries were no events. */
  readonly unusable: number;
  readonly cutOffs: readonly TraceCutOff[];
  readonly work: WorkIndex;
  /** The trace that was asked for; `undefined`: all of them. */
  readonly traceId: string | undefined;
  #roots: readonly FoldedSpan[] | undefined;
  #inTreeOrder: readonly FoldedSpan[] | undefined;
  #events: readonly TraceEvent[] | undefined;

  constructor(
    table: SpanTable,
    fold: Fold,
    forest: Forest,
    traceId: string | undefined,
    cutOffs: readonly TraceCutOff[],
  ) {
    this.table = table;
    this.unusable = fold.unusable;
    this.forest = forest;
    this.traceId = traceId;
    this.cutOffs = cutOffs;
    this.work = new WorkIndex(table);
    loseWhatRanInside(table, forest, this.work);
  }

  /** The trace that was asked for, else the trace of the first root. */
  get id(): string {
    return this.traceId ?? this.roots[0]?.traceId ?? '';
  }

  /** All spans with events, in order of arrival. */
  get spans(): readonly FoldedSpan[] {
    return this.table.spansWhere(() => true);
  }

  /** Real roots and missing spans, by start. */
  get roots(): readonly FoldedSpan[] {
    this.#roots ??= inOrder(this.forest.roots.map((row) => this.table.span(row)));
    return this.#roots;
  }

  /** All spans, missing ones included. */
  get inTreeOrder(): readonly FoldedSpan[] {
    this.#inTreeOrder ??= inTreeOrder(this.roots);
    return this.#inTreeOrder;
  }

  /** All events once, by instant. */
  get events(): readonly TraceEvent[] {
    this.#events ??= this.spans.flatMap(({ events }) => events).sort(compareEvents);
    return this.#events;
  }

  /** Whether a writer had to drop events. */
  get hasGaps(): boolean {
    return this.table.spansWhere((facts) => (facts & isGap) !== 0).length > 0;
  }

  timingOf(span: FoldedSpan, now?: number): SpanTiming {
    this.work.of(span);
    return timingOf(span, now);
  }

  /** From the first start to the last end. */
  get durationMs(): number {
    const first = this.spans.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
    return Math.max(0, this.lastInstant - first);
  }

  /** The last start or end, in ms. */
  get lastInstant(): number {
    let last = Number.NEGATIVE_INFINITY;
    for (const { startTime, endTime } of this.spans) last = Math.max(last, endTime ?? startTime ?? last);
    return last;
  }

  /** The attempt in which `span` happened, itself included. */
  jobAround(span: FoldedSpan): FoldedSpan | undefined {
    let job: FoldedSpan | undefined = span;
    while (job !== undefined && this.work.of(job) === undefined) job = job.parent;
    return job;
  }

  /** Missing spans are found too. An id that several traces use means the trace asked for, else the span that starts first. */
  resolve(ref: SpanRef): FoldedSpan | undefined {
    if (typeof ref !== 'string') return this.find({ trace_id: ref.traceId, span_id: ref.spanId });
    const asked =
      this.traceId === undefined ? undefined : this.find({ trace_id: this.traceId, span_id: ref });
    if (asked !== undefined) return asked;
    const known = [...this.table.rows.index.traceIds].flatMap(
      (trace_id) => this.find({ trace_id, span_id: ref }) ?? [],
    );
    return inOrder(known)[0];
  }

  find(link: StoredLink): FoldedSpan | undefined {
    const row = this.table.rows.index.find(link.trace_id, link.span_id);
    return row === none ? undefined : this.table.span(row);
  }

  /** What was tried again, with the span that did so: where spans say it by link. */
  retries(): ReadonlyMap<FoldedSpan, FoldedSpan> {
    const retries = new Map<FoldedSpan, FoldedSpan>();
    for (const span of this.table.spansWhere((facts) => (facts & hasLinks) !== 0)) {
      for (const link of span.links) {
        const isRetry = link.relation === 'retry_of' || link.relation === 'recovered_from';
        const earlier = isRetry ? this.find(link) : undefined;
        const known = earlier && retries.get(earlier);
        if (
          earlier !== undefined &&
          earlier !== span &&
          (known === undefined || compareSpans(known, span) < 0)
        )
          retries.set(earlier, span);
      }
    }
    return retries;
  }

  /**
   * The traces that the answer is about: all of them, or the one that was asked for and those that continue it by link.
   * What only leads to it, or stands beside it, is context.
   */
  get concerned(): ReadonlySet<string> | undefined {
    const { traceId } = this;
    if (traceId === undefined || !this.table.rows.index.hasSeveralTraces) return undefined;
    return continuationsOf(traceId, this.table);
  }
}

/** Preorder, with a stack of its own. */
export function inTreeOrder(tops: readonly FoldedSpan[]): readonly FoldedSpan[] {
  const spans: FoldedSpan[] = [];
  const stack = [...tops].reverse();
  for (let span = stack.pop(); span !== undefined; span = stack.pop()) {
    spans.push(span);
    const { children } = span;
    for (let i = children.length - 1; i >= 0; i--) stack.push(children[i] as FoldedSpan);
  }
  return spans;
}

function continuationsOf(traceId: string, table: SpanTable): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const [to, from] of table.rows.origins ?? []) {
    const trace = table.span(from).traceId;
    const known = next.get(trace);
    if (known === undefined) next.set(trace, [table.span(to).traceId]);
    else known.push(table.span(to).traceId);
  }
  const reached = new Set([traceId]);
  for (const id of reached) for (const to of next.get(id) ?? []) reached.add(to);
  return reached;
}
