import type { CollectedTrace } from '../events/collect-trace.ts';
import type { TraceEvent, TraceEventStatus } from '../events/trace-event.ts';
import { graphToOtlp, type ToOtlpOptions } from '../otlp/graph-to-otlp.ts';
import type { OtlpTraces } from '../otlp/otlp-json.ts';
import { compareTraces } from './compare.ts';
import type { CompensationRow } from './compensations.ts';
import { type CriticalPath, findCriticalPath } from './critical-path.ts';
import type { TraceDiagnostic } from './diagnostics.ts';
import { explainFailure } from './explain-failure.ts';
import type { FailureExplanation } from './failure-explanation.ts';
import { type FoldedSpan, inOrder } from './folded-span.ts';
import { type FoldedTrace, inTreeOrder } from './folded-trace.ts';
import { PagedTrace } from './paged-trace.ts';
import { renderTrace, type TraceTextOptions } from './render.ts';
import { renderMermaid, type TraceMermaidOptions } from './render-mermaid.ts';
import { noSelfTime, type SelfTime, selfTimeOf } from './self-time.ts';
import { isRunning } from './span-facts.ts';
import { noTime, type SpanTiming } from './timing.ts';
import { TraceAnalysis } from './trace-analysis.ts';
import type { TraceComparison } from './trace-comparison.ts';
import type { SpanRef, TraceSpan } from './trace-span.ts';
import type { WorkAttempts } from './work-attempts.ts';
import type { WorkRef } from './work-index.ts';
import { isWriterNote } from './writer-note.ts';

/** How to read the events. */
export interface TraceGraphOptions {
  /**
   * The trace the questions are about, when the events are of several. Outcome and causes then come from it and from
   * the traces that continue it by link; the others are context for chains.
   *
   * @default the trace that was collected; for bare events, all traces among them
   */
  readonly traceId?: string | undefined;
}

/** A node of {@link TraceGraph.buildTree}. */
export interface TraceNode {
  /** The event that decided the state of the span; `undefined` for a missing span. */
  readonly event: TraceEvent | undefined;
  readonly span: TraceSpan;
  readonly children: readonly TraceNode[];
}

/**
 * Builds the graph of one trace, or of several that are linked: folds events into spans, links spans into a forest.
 *
 * Total and deterministic: any events in any order, with duplicates, cycles, self-parents, orphans, several roots, skewed
 * clocks and missing ends, give the same graph every time, in linear time and without recursion. Every event is in it
 * exactly once; what was odd is in {@link TraceGraph.diagnostics}. The events are not changed and must not be changed
 * while the graph is in use.
 *
 * @param events of one trace or of several, in any order; or what `collectTrace` brought
 * @example
 * ```ts
 * import type { TraceStore } from '@throughline/core/events';
 * import { createTraceGraph } from '@throughline/core/trace-graph';
 *
 * declare const store: TraceStore;
 *
 * const graph = createTraceGraph(await store.getTrace('4bf92f3577b34da6a3ce929d0e0e4736'));
 * console.log(graph.explainFailure().toText());
 * console.log(graph.toText());
 * ```
 */
export function createTraceGraph(
  events: Iterable<TraceEvent> | CollectedTrace,
  options: TraceGraphOptions = {},
): TraceGraph {
  const pages = new PagedTrace(options.traceId);
  pages.add(events);
  return new FoldedTraceGraph(pages.trace());
}

/** Takes a trace page by page. Made by {@link createTraceGraphBuilder}. */
export interface TraceGraphBuilder {
  /**
   * Takes one more page: events of any of the traces, in any order, or what `collectTrace` brought. They are folded at
   * once; they are not changed and must not be changed while a graph of them is in use.
   *
   * @returns the builder
   */
  add(events: Iterable<TraceEvent> | CollectedTrace): TraceGraphBuilder;
  /**
   * The graph of all pages so far. A graph stays as it is when more is added; asking again folds all events again, so ask
   * when a reader waits, not after each page.
   */
  graph(): TraceGraph;
}

/**
 * Builds a graph while its events are still being fetched: most of the work of a build is done when the last page is
 * there. For every split into pages, and every order of them, the graph is the one that {@link createTraceGraph} builds
 * of all events together.
 *
 * @example
 * ```ts
 * import type { TraceEvent } from '@throughline/core/events';
 * import { createTraceGraphBuilder } from '@throughline/core/trace-graph';
 *
 * declare const pages: AsyncIterable<TraceEvent[]>;
 *
 * const builder = createTraceGraphBuilder();
 * for await (const page of pages) builder.add(page);
 * console.log(builder.graph().explainFailure().toText());
 * ```
 */
export function createTraceGraphBuilder(options: TraceGraphOptions = {}): TraceGraphBuilder {
  return new PagedGraph(options);
}

class PagedGraph implements TraceGraphBuilder {
  readonly #pages: PagedTrace;

  constructor({ traceId }: TraceGraphOptions) {
    this.#pages = new PagedTrace(traceId);
  }

  add(events: Iterable<TraceEvent> | CollectedTrace): TraceGraphBuilder {
    this.#pages.add(events);
    return this;
  }

  graph(): TraceGraph {
    return new FoldedTraceGraph(this.#pages.trace());
  }
}

/** What can be asked of a trace. Methods are total: an unknown span has no path and no children. Made by {@link createTraceGraph}. */
export interface TraceGraph {
  /** All events once, by instant. */
  readonly events: readonly TraceEvent[];
  /** All spans, missing ones included, in tree order. */
  readonly spans: readonly TraceSpan[];
  /** The span of this id, or `undefined`. */
  span(ref: SpanRef): TraceSpan | undefined;
  /** The first root of which events arrived, notes of a writer last; without any, the first span below a missing one. */
  root(): TraceSpan | undefined;
  /** Everything without a parent, missing spans included, by start. */
  roots(): readonly TraceSpan[];
  /** From its root down to the span, both included; empty for an unknown span. */
  path(ref: SpanRef): readonly TraceSpan[];
  /** By start. */
  children(ref: SpanRef): readonly TraceSpan[];
  /** From the parent up to the root. */
  ancestors(ref: SpanRef): readonly TraceSpan[];
  /** Everything below, in tree order. */
  descendants(ref: SpanRef): readonly TraceSpan[];
  /** The forest as nested nodes, one per root; or only the tree below a span. */
  buildTree(top?: SpanRef): readonly TraceNode[];
  /** Events of exactly this type, by instant. */
  findByType(eventType: string): readonly TraceEvent[];
  /** Spans whose events claim this status, in tree order. */
  findByStatus(status: TraceEventStatus): readonly TraceSpan[];
  /** Spans for which `predicate` holds, in tree order. */
  select(predicate: (span: TraceSpan) => boolean): readonly TraceSpan[];
  /** The first effective failure in tree order that is a cause: the span that {@link explainFailure} names first. */
  failure(): TraceSpan | undefined;
  /** Everything that was done about a piece of work; when a reference fits several, the one that was sent or started first. */
  attempts(work: WorkRef): WorkAttempts | undefined;
  /** Work with more than one attempt, by first attempt. */
  retries(): readonly WorkAttempts[];
  /** Work in flight, oldest first. @param options `now` in ms since the epoch, for the age; default the last instant seen */
  openSpans(options?: { readonly now?: number | undefined }): readonly OpenSpan[];
  /** Scheduled delay, queue wait, backoff and run; all 0 for an unknown span. @param options `now`: end of what is open */
  timing(ref: SpanRef, options?: { readonly now?: number | undefined }): SpanTiming;
  /** The time that a span did not spend in the work below it; all 0 for an unknown span, and while it is open. */
  selfTime(ref: SpanRef): SelfTime;
  /** What the trace would have to do faster to end earlier: back from its end, the last to finish each time. */
  criticalPath(): CriticalPath;
  /** Why did it fail, what was retried, what was undone, what is open? */
  explainFailure(): FailureExplanation;
  /** The ledger, by completion of the steps. */
  compensations(): readonly CompensationRow[];
  /** What is different in `other`, a trace of the same kind of work. Ids and clocks play no part. */
  compare(other: TraceGraph): TraceComparison;
  /** What was odd about the events, by trace, span and kind. */
  diagnostics(): readonly TraceDiagnostic[];
  /** The forest as text, without control or bidi characters. */
  toText(options?: TraceTextOptions): string;
  /** The forest as a Mermaid flowchart, for issues and documents. */
  toMermaid(options?: TraceMermaidOptions): string;
  /**
   * The spans as OTLP/JSON, for any OpenTelemetry backend.
   *
   * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
   * @see `toOtlp` of `@throughline/core/otlp`
   */
  toOtlp(options?: ToOtlpOptions): OtlpTraces;
}

/** A span that started and did not end. */
export interface OpenSpan {
  readonly span: TraceSpan;
  /** Since its start; never negative, `undefined` when undated. */
  readonly ageMs: number | undefined;
}

class FoldedTraceGraph implements TraceGraph {
  readonly #trace: FoldedTrace;
  readonly #analysis: TraceAnalysis;
  #explanation: FailureExplanation | undefined;

  constructor(trace: FoldedTrace) {
    this.#trace = trace;
    this.#analysis = new TraceAnalysis(trace);
  }

  get events(): readonly TraceEvent[] {
    return this.#trace.events;
  }

  get spans(): readonly TraceSpan[] {
    return this.#trace.inTreeOrder;
  }

  span(ref: SpanRef): TraceSpan | undefined {
    return this.#trace.resolve(ref);
  }

  root(): TraceSpan | undefined {
    const { roots } = this.#trace;
    const arrived = (span: FoldedSpan): boolean => span.form !== 'missing';
    return (
      roots.find((span) => arrived(span) && !isWriterNote(span)) ??
      roots.find(arrived) ??
      roots[0]?.children[0]
    );
  }

  roots(): readonly TraceSpan[] {
    return this.#trace.roots;
  }

  path(ref: SpanRef): readonly TraceSpan[] {
    const span = this.#trace.resolve(ref);
    return span === undefined ? [] : [...[...this.ancestors(span)].reverse(), span];
  }

  children(ref: SpanRef): readonly TraceSpan[] {
    return this.#trace.resolve(ref)?.children ?? [];
  }

  ancestors(ref: SpanRef): readonly TraceSpan[] {
    const ancestors: TraceSpan[] = [];
    for (let span = this.#trace.resolve(ref)?.parent; span !== undefined; span = span.parent)
      ancestors.push(span);
    return ancestors;
  }

  descendants(ref: SpanRef): readonly TraceSpan[] {
    const span = this.#trace.resolve(ref);
    return span === undefined ? [] : inTreeOrder(span.children);
  }

  buildTree(top?: SpanRef): readonly TraceNode[] {
    if (top === undefined) return growTree(this.#trace.inTreeOrder);
    const span = this.#trace.resolve(top);
    return span === undefined ? [] : growTree(inTreeOrder([span]));
  }

  findByType(eventType: string): readonly TraceEvent[] {
    return this.events.filter(({ event_type }) => event_type === eventType);
  }

  findByStatus(status: TraceEventStatus): readonly TraceSpan[] {
    return this.select((span) => span.status === status);
  }

  select(predicate: (span: TraceSpan) => boolean): readonly TraceSpan[] {
    return this.spans.filter((span) => predicate(span));
  }

  failure(): TraceSpan | undefined {
    return this.explainFailure().causes[0]?.span;
  }

  attempts(work: WorkRef): WorkAttempts | undefined {
    return this.#trace.work.find(work);
  }

  retries(): readonly WorkAttempts[] {
    return this.#trace.work.all().filter(({ attempts }) => attempts.length > 1);
  }

  openSpans({
    now = this.#trace.lastInstant,
  }: {
    readonly now?: number | undefined;
  } = {}): readonly OpenSpan[] {
    return inOrder(this.#trace.table.spansWhere(isRunning).filter(({ isOpen }) => isOpen)).map((span) => ({
      span,
      ageMs: span.startTime === undefined ? undefined : Math.max(0, now - span.startTime),
    }));
  }

  timing(ref: SpanRef, { now }: { readonly now?: number | undefined } = {}): SpanTiming {
    const span = this.#trace.resolve(ref);
    return span === undefined ? noTime : this.#trace.timingOf(span, now);
  }

  selfTime(ref: SpanRef): SelfTime {
    const span = this.#trace.resolve(ref);
    return span === undefined ? noSelfTime : selfTimeOf(span);
  }

  criticalPath(): CriticalPath {
    return findCriticalPath(this.#trace);
  }

  explainFailure(): FailureExplanation {
    this.#explanation ??= explainFailure(this.#analysis);
    return this.#explanation;
  }

  compensations(): readonly CompensationRow[] {
    return this.#analysis.ledger;
  }

  compare(other: TraceGraph): TraceComparison {
    return compareTraces(this.roots(), other.roots());
  }

  diagnostics(): readonly TraceDiagnostic[] {
    return this.#analysis.diagnostics;
  }

  toText(options: TraceTextOptions = {}): string {
    return renderTrace(this.#trace, this.#analysis.judgement.outcome, options);
  }

  toMermaid(options: TraceMermaidOptions = {}): string {
    return renderMermaid(this.#trace, options);
  }

  toOtlp(options: ToOtlpOptions = {}): OtlpTraces {
    return graphToOtlp(this, options);
  }
}

/** Parents come before their children in `spans`, so every node finds its parent's node. */
function growTree(spans: readonly FoldedSpan[]): readonly TraceNode[] {
  const childrenOf = new Map<FoldedSpan, TraceNode[]>();
  const tops: TraceNode[] = [];
  for (const span of spans) {
    const children: TraceNode[] = [];
    childrenOf.set(span, children);
    const siblings = (span.parent && childrenOf.get(span.parent)) ?? tops;
    siblings.push({ event: span.event, span, children });
  }
  return tops;
}
