import type { Fold, SpanIndex } from './fold.ts';
import { compareSpans, FoldedSpan } from './folded-span.ts';

/*
 * Turns parent ids into a forest.
 *
 *   unknown parent   → a `missing` span takes its place, one per id, so that siblings stay together
 *   self-parent      → root
 *   cycle            → cut at the edge whose child starts latest; that child becomes a root
 *   root with a link → keeps its place as a root and remembers where it came from (`origin`)
 */

/** The spans, linked. */
export interface Forest {
  /** Without a parent, in no order: real roots and missing spans. */
  readonly roots: FoldedSpan[];
  readonly missing: readonly FoldedSpan[];
  /** Spans that lost their parent because it was one of their descendants, or themselves. */
  readonly cut: readonly FoldedSpan[];
  /** Whether an attempt is open, so that newer attempts and reports of stalls have to be looked at. */
  readonly hasOpenWork: boolean;
}

export function linkSpans({ spans, index }: Fold): Forest {
  const missing: FoldedSpan[] = [];
  const cut: FoldedSpan[] = [];
  if (findParents(spans, index, missing)) cutCycles(spans, spans.length, (span) => cut.push(span));
  const roots = [...missing];
  const linked: FoldedSpan[] = [];
  let hasOpenWork = false;
  for (const span of spans) {
    if (span.entity !== undefined && span.isOpen) hasOpenWork = true;
    if (span.parent === undefined) roots.push(span);
    else span.parent.adopt(span);
    if (span.hasLinks && (span.parent === undefined || span.parent.form === 'missing')) linked.push(span);
  }
  if (linked.length > 0) findOrigins(linked, index, spans.length);
  return { roots, missing, cut, hasOpenWork };
}

/** @returns whether a cycle is possible: while every parent arrived before its child, there is none */
function findParents(spans: readonly FoldedSpan[], index: SpanIndex, missing: FoldedSpan[]): boolean {
  let mayCycle = false;
  let parent: FoldedSpan | undefined;
  for (const span of spans) {
    if (span.parentsDiffer || span.entitiesDiffer) span.settle();
    const parentId = span.parentSpanId;
    if (parentId === undefined) continue;
    // Siblings mostly arrive together; comparing two ids is cheaper than hashing one.
    if (parent?.spanId !== parentId || parent.traceId !== span.traceId) {
      const trace = index.get(span.traceId);
      parent = trace?.get(parentId);
      if (parent === undefined) {
        parent = new FoldedSpan(span.traceId, parentId, -1);
        trace?.set(parentId, parent);
        missing.push(parent);
      }
    }
    if (parent.ordinal >= span.ordinal) mayCycle = true;
    span.parent = parent;
  }
  return mayCycle;
}

/** Where a root came from: the first span it links to, unless it is one that this root waits for. */
function findOrigins(linked: readonly FoldedSpan[], index: SpanIndex, count: number): void {
  for (const span of linked) {
    const link = span.links.find(
      ({ trace_id, span_id, relation }) =>
        relation !== 'waits_for' &&
        (trace_id !== span.traceId || span_id !== span.spanId) &&
        index.get(trace_id)?.has(span_id),
    );
    if (link !== undefined) span.origin = index.get(link.trace_id)?.get(link.span_id);
  }
  cutCycles(linked, count, () => {});
}

/** One step up: the parent, or for the root of a linked trace the span it came from. */
export function causeOf(span: FoldedSpan): FoldedSpan | undefined {
  return span.origin ?? span.parent;
}

/** Walks up from every span once; a walk that meets itself has found a cycle. */
function cutCycles(spans: readonly FoldedSpan[], count: number, onCut: (span: FoldedSpan) => void): void {
  const walks = new Uint32Array(count);
  let walk = 0;
  for (const start of spans) {
    walk += 1;
    let span: FoldedSpan | undefined = start;
    while (span !== undefined && span.ordinal >= 0 && walks[span.ordinal] === 0) {
      walks[span.ordinal] = walk;
      span = causeOf(span);
    }
    if (span === undefined || walks[span.ordinal] !== walk) continue;
    onCut(cutLatest(cycleOf(span)));
  }
}

function cycleOf(member: FoldedSpan): FoldedSpan[] {
  const cycle = [member];
  for (let span = causeOf(member); span !== undefined && span !== member; span = causeOf(span))
    cycle.push(span);
  return cycle;
}

/** Cuts above the member that starts latest; a link is cut rather than a parent. */
function cutLatest(cycle: readonly FoldedSpan[]): FoldedSpan {
  const linked = cycle.filter((span) => span.origin !== undefined);
  const candidates = linked.length > 0 ? linked : cycle;
  const latest = candidates.reduce((a, b) => (compareSpans(a, b) < 0 ? b : a));
  if (latest.origin !== undefined) latest.origin = undefined;
  else latest.parent = undefined;
  return latest;
}
