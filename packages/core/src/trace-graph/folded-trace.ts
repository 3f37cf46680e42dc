import type { TraceCutOff } from '../events/collect-trace.ts';
import type { StoredLink, TraceEvent } from '../events/trace-event.ts';
import { type CompensationRow, keepLedger } from './compensations.ts';
import { diagnose, type TraceDiagnostic } from './diagnostics.ts';
import { compareEvents } from './event-order.ts';
import type { Fold, SpanIndex } from './fold.ts';
import { compareSpans, FoldedSpan, inOrder } from './folded-span.ts';
import { type Judgement, judge } from './judge.ts';
import type { Forest } from './link.ts';
import { type SpanTiming, timingOf } from './timing.ts';
import type { SpanRef } from './trace-span.ts';
import { type FoldedWork, indexWork } from './work.ts';

/** Folded and linked spans with what is derived from them, each derived once and only when asked for. */
export class FoldedTrace {
  readonly spans: readonly FoldedSpan[];
  readonly missing: readonly FoldedSpan[];
  readonly cut: readonly FoldedSpan[];
  readonly unusable: readonly unknown[];
  readonly index: SpanIndex;
  readonly cutOffs: readonly TraceCutOff[];
  /** The trace that was asked for; `undefined`: all of them. */
  readonly traceId: string | undefined;
  readonly #roots: FoldedSpan[];
  #isOrdered = false;
  #works: ReadonlyMap<string, FoldedWork> | undefined;
  /** Named as the original of a compensation, and not in the tree, where nothing else knows of them. */
  readonly #unknown = new Map<string, FoldedSpan>();
  #judgement: Judgement | undefined;
  #inTreeOrder: readonly FoldedSpan[] | undefined;
  #events: readonly TraceEvent[] | undefined;
  #ledger: readonly CompensationRow[] | undefined;
  #diagnostics: readonly TraceDiagnostic[] | undefined;

  constructor(fold: Fold, forest: Forest, traceId: string | undefined, cutOffs: readonly TraceCutOff[]) {
    this.cutOffs = cutOffs;
    this.spans = fold.spans;
    this.index = fold.index;
    this.unusable = fold.unusable;
    this.missing = forest.missing;
    this.cut = forest.cut;
    this.#roots = forest.roots;
    this.traceId = traceId;
    if (forest.hasOpenWork) this.#works = indexWork(this.spans);
  }

  /** The trace that was asked for, else the trace of the first root. */
  get id(): string {
    return this.traceId ?? this.roots[0]?.traceId ?? '';
  }

  /** Real roots and missing spans, by start. */
  get roots(): readonly FoldedSpan[] {
    if (!this.#isOrdered) {
      inOrder(this.#roots);
      this.#isOrdered = true;
    }
    return this.#roots;
  }

  /** All work, by {@link workKey}. Every attempt knows its work once this was called. */
  indexWork(): ReadonlyMap<string, FoldedWork> {
    this.#works ??= indexWork(this.spans);
    return this.#works;
  }

  /** The work that `span` is an attempt at. */
  workOf(span: FoldedSpan): FoldedWork | undefined {
    if (span.entity !== undefined) this.indexWork();
    return span.work;
  }

  /** The span that a compensation undoes; a missing one when no event of it arrived. */
  originalOf({ traceId, originalSpanId = '', links }: FoldedSpan): FoldedSpan {
    const link = links.find(
      ({ span_id, relation }) => relation === 'compensates' && span_id === originalSpanId,
    );
    const place = { trace_id: link?.trace_id ?? traceId, span_id: originalSpanId };
    return this.find(place) ?? this.find({ ...place, trace_id: traceId }) ?? this.#unknownSpan(place);
  }

  timingOf(span: FoldedSpan, now?: number): SpanTiming {
    this.workOf(span);
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

  #unknownSpan({ trace_id, span_id }: StoredLink): FoldedSpan {
    const key = `${trace_id}\n${span_id}`;
    const span = this.#unknown.get(key) ?? new FoldedSpan(trace_id, span_id, -1);
    this.#unknown.set(key, span);
    return span;
  }

  /** The attempt in which `span` happened, itself included. */
  jobAround(span: FoldedSpan): FoldedSpan | undefined {
    let job: FoldedSpan | undefined = span;
    while (job !== undefined && this.workOf(job) === undefined) job = job.parent;
    return job;
  }

  /** Missing spans are found too. An id that several traces use means the trace asked for, else the span that starts first. */
  resolve(ref: SpanRef): FoldedSpan | undefined {
    if (typeof ref !== 'string') return this.index.get(ref.traceId)?.get(ref.spanId);
    const asked = this.traceId === undefined ? undefined : this.index.get(this.traceId)?.get(ref);
    if (asked !== undefined) return asked;
    const known = [...this.index.values()].flatMap((trace) => trace.get(ref) ?? []);
    return known.length > 1 ? inOrder(known)[0] : known[0];
  }

  find(link: StoredLink): FoldedSpan | undefined {
    return this.index.get(link.trace_id)?.get(link.span_id);
  }

  /** What was tried again, with the span that did so: where spans say it by link. */
  retries(): ReadonlyMap<FoldedSpan, FoldedSpan> {
    const retries = new Map<FoldedSpan, FoldedSpan>();
    for (const span of this.spans) {
      for (const link of span.links) {
        const earlier =
          link.relation === 'retry_of' || link.relation === 'recovered_from' ? this.find(link) : undefined;
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

  get judgement(): Judgement {
    this.#judgement ??= judge(this);
    return this.#judgement;
  }

  get ledger(): readonly CompensationRow[] {
    this.#ledger ??= keepLedger(this);
    return this.#ledger;
  }

  get diagnostics(): readonly TraceDiagnostic[] {
    this.#diagnostics ??= diagnose(this);
    return this.#diagnostics;
  }

  /**
   * The spans that the answer is about: all of them, or those of the trace that was asked for and of the traces that
   * continue it by link. What only leads to it, or stands beside it, is context.
   */
  get concerned(): readonly FoldedSpan[] {
    const { traceId } = this;
    if (traceId === undefined || this.index.size <= 1) return this.spans;
    const traces = continuationsOf(traceId, this.#roots);
    return this.spans.filter((span) => traces.has(span.traceId));
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

function continuationsOf(traceId: string, roots: readonly FoldedSpan[]): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const { origin, traceId: to } of roots) {
    if (origin !== undefined) next.set(origin.traceId, [...(next.get(origin.traceId) ?? []), to]);
  }
  const reached = new Set([traceId]);
  for (const id of reached) for (const to of next.get(id) ?? []) reached.add(to);
  return reached;
}
