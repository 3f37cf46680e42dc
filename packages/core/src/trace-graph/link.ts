import { asText } from './event-data.ts';
import { compareSpans, type FoldedSpan } from './folded-span.ts';
import { hasEntity, hasLinks, hasPlainlyCompleted, isRunning, parentsDiffer } from './span-facts.ts';
import { none, type SpanTable } from './span-table.ts';

/*
 * Turns parent ids into a forest.
 *
 *   unknown parent   → a `missing` span takes its place, one per id, so that siblings stay together
 *   self-parent      → root
 *   cycle            → cut at the edge whose child starts latest; that child becomes a root
 *   root with a link → keeps its place as a root and remembers where it came from (`origin`)
 */

/** What linking found out. */
export interface Forest {
  /** Rows without a parent, in no order: real roots and missing spans. */
  readonly roots: readonly number[];
  /** Rows that lost their parent because it was one of their descendants, or themselves. */
  readonly cut: readonly number[];
  /** Rows that did not plainly complete: everything that can have gone wrong. */
  readonly notable: readonly number[];
  /** Rows of attempts that did not end: newer attempts and reports of stalls have to be looked at. */
  readonly running: readonly number[];
}

export function linkSpans(table: SpanTable): Forest {
  const cut: number[] = [];
  const roots: number[] = [];
  const notable: number[] = [];
  const running: number[] = [];
  const linked: number[] = [];
  if (findParents(table)) cutCycles(table, allRows(table), (row) => cut.push(row));
  for (let row = 0; row < table.count; row++) {
    const facts = table.factsOf(row);
    const parent = table.parentOf(row);
    if (parent === none) roots.push(row);
    if (!hasPlainlyCompleted(facts)) {
      notable.push(row);
      if ((facts & hasEntity) !== 0 && isRunning(facts)) running.push(row);
    }
    if ((facts & hasLinks) !== 0 && (parent === none || table.isMissing(parent))) linked.push(row);
  }
  for (let row = table.count; row < table.size; row++) roots.push(row);
  if (linked.length > 0) findOrigins(table, linked);
  return { roots, cut, notable, running };
}

/** @returns whether a cycle is possible: while every parent arrived before its child, there is none */
function findParents(table: SpanTable): boolean {
  let mayCycle = false;
  let traceId: string | undefined;
  let rows = new Map<string, number>();
  let parentId: string | undefined;
  let parent = none;
  for (let row = 0; row < table.count; row++) {
    const first = table.firstEventOf(row);
    const id =
      (table.factsOf(row) & parentsDiffer) === 0
        ? asText(first?.parent_span_id)
        : table.span(row).parentSpanId;
    if (id === undefined || first === undefined) continue;
    const isSameTrace = first.trace_id === traceId;
    // Siblings mostly arrive together, and comparing two ids is cheaper than hashing one.
    if (id !== parentId || !isSameTrace) {
      if (!isSameTrace) rows = table.index.get(first.trace_id) ?? rows;
      traceId = first.trace_id;
      parentId = id;
      parent = rows.get(id) ?? addMissing(table, rows, traceId, id);
    }
    if (parent >= row) mayCycle ||= !table.isMissing(parent);
    table.setParent(row, parent);
  }
  return mayCycle;
}

function addMissing(table: SpanTable, rows: Map<string, number>, traceId: string, spanId: string): number {
  const row = table.addMissing(traceId, spanId);
  rows.set(spanId, row);
  return row;
}

/** Where a root came from: the first span it links to, unless it is one that this root waits for. */
function findOrigins(table: SpanTable, linked: readonly number[]): void {
  const origins = new Map<number, number>();
  table.origins = origins;
  for (const row of linked) {
    for (const { trace_id, span_id, relation } of table.span(row).links) {
      const origin = table.index.get(trace_id)?.get(span_id);
      if (relation === 'waits_for' || origin === undefined || origin === row) continue;
      origins.set(row, origin);
      break;
    }
  }
  cutCycles(table, linked, () => {});
}

/** One step up: the parent, or for the root of a linked trace the span it came from. */
export function causeOf(span: FoldedSpan): FoldedSpan | undefined {
  return span.origin ?? span.parent;
}

function rowAbove(table: SpanTable, row: number): number {
  return table.origins?.get(row) ?? table.parentOf(row);
}

/** Walks up from every row once; a walk that meets itself has found a cycle. */
function cutCycles(table: SpanTable, starts: Iterable<number>, onCut: (row: number) => void): void {
  const walks = new Uint32Array(table.size);
  let walk = 0;
  for (const start of starts) {
    walk += 1;
    let row = start;
    while (row !== none && walks[row] === 0) {
      walks[row] = walk;
      row = rowAbove(table, row);
    }
    if (row !== none && walks[row] === walk) onCut(cutLatest(table, cycleOf(table, row)));
  }
}

function* allRows({ count }: SpanTable): Iterable<number> {
  for (let row = 0; row < count; row++) yield row;
}

function cycleOf(table: SpanTable, member: number): readonly number[] {
  const cycle = [member];
  for (let row = rowAbove(table, member); row !== member; row = rowAbove(table, row)) cycle.push(row);
  return cycle;
}

/** Cuts above the member that starts latest; a link is cut rather than a parent. */
function cutLatest(table: SpanTable, cycle: readonly number[]): number {
  const linked = cycle.filter((row) => table.origins?.has(row));
  const candidates = linked.length > 0 ? linked : cycle;
  const latest = candidates.reduce((a, b) => (compareSpans(table.span(a), table.span(b)) < 0 ? b : a));
  if (!table.origins?.delete(latest)) table.setParent(latest, none);
  return latest;
}
