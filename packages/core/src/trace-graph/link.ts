import { asText } from './event-data.ts';
import type { Fold } from './fold.ts';
import { compareSpans, type FoldedSpan } from './folded-span.ts';
import { hasEntity, hasLinks, hasPlainlyCompleted, isRunning, parentsDiffer } from './span-facts.ts';
import { none } from './span-index.ts';
import type { SpanRows } from './span-rows.ts';
import type { SpanTable } from './span-table.ts';

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

export function linkSpans(fold: Fold, table: SpanTable): Forest {
  const { rows } = fold;
  const cut: number[] = [];
  const roots: number[] = [];
  const notable: number[] = [];
  const running: number[] = [];
  const linked: number[] = [];
  if (linkTheRest(fold, table)) cutCycles(table, allRows(rows), (row) => cut.push(row));
  for (let row = 0; row < rows.count; row++) {
    const facts = rows.factsOf(row);
    const parent = rows.parentOf(row);
    if (parent === none) roots.push(row);
    if (!hasPlainlyCompleted(facts)) {
      notable.push(row);
      if ((facts & hasEntity) !== 0 && isRunning(facts)) running.push(row);
    }
    if ((facts & hasLinks) !== 0 && (parent === none || rows.isMissing(parent))) linked.push(row);
  }
  for (let row = rows.count; row < rows.size; row++) roots.push(row);
  if (linked.length > 0) findOrigins(table, linked);
  return { roots, cut, notable, running };
}

/** @returns whether a cycle is possible: while every parent arrived before its child, there is none */
function linkTheRest({ rows, unlinked, contested }: Fold, table: SpanTable): boolean {
  let mayCycle = false;
  const link = (row: number, parentId: string | undefined): void => {
    const parent = parentId === undefined ? none : rows.findOrMiss(rows.index.traceIdOf(row), parentId);
    mayCycle ||= parent >= row && !rows.isMissing(parent);
    rows.setParent(row, parent);
  };
  for (const row of unlinked)
    if ((rows.factsOf(row) & parentsDiffer) === 0) link(row, asText(rows.firstEventOf(row)?.parent_span_id));
  for (const row of contested) link(row, table.span(row).parentSpanId);
  return mayCycle;
}

/**
 * Where a root came from: the first span it links to, unless it is one that this root waits for. What was done for several
 * senders at once came from none of them alone.
 */
function findOrigins(table: SpanTable, linked: readonly number[]): void {
  const { rows } = table;
  const origins = new Map<number, number>();
  rows.origins = origins;
  for (const row of linked) {
    const { links } = table.span(row);
    if (links.filter(({ relation }) => relation === 'batch').length > 1) continue;
    for (const { trace_id, span_id, relation } of links) {
      const origin = rows.index.find(trace_id, span_id);
      if (relation === 'waits_for' || origin === none || origin === row) continue;
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

function rowAbove(rows: SpanRows, row: number): number {
  return rows.origins?.get(row) ?? rows.parentOf(row);
}

/** Walks up from every row once; a walk that meets itself has found a cycle. */
function cutCycles(table: SpanTable, starts: Iterable<number>, onCut: (row: number) => void): void {
  const { rows } = table;
  const walks = new Uint32Array(rows.size);
  let walk = 0;
  for (const start of starts) {
    walk += 1;
    let row = start;
    while (row !== none && walks[row] === 0) {
      walks[row] = walk;
      row = rowAbove(rows, row);
    }
    if (row !== none && walks[row] === walk) onCut(cutLatest(table, cycleOf(rows, row)));
  }
}

function* allRows({ count }: SpanRows): Iterable<number> {
  for (let row = 0; row < count; row++) yield row;
}

function cycleOf(rows: SpanRows, member: number): readonly number[] {
  const cycle = [member];
  for (let row = rowAbove(rows, member); row !== member; row = rowAbove(rows, row)) cycle.push(row);
  return cycle;
}

/** Cuts above the member that starts latest; a link is cut rather than a parent. */
function cutLatest(table: SpanTable, cycle: readonly number[]): number {
  const { origins } = table.rows;
  const linked = cycle.filter((row) => origins?.has(row));
  const candidates = linked.length > 0 ? linked : cycle;
  const latest = candidates.reduce((a, b) => (compareSpans(table.span(a), table.span(b)) < 0 ? b : a));
  if (!origins?.delete(latest)) table.rows.setParent(latest, none);
  return latest;
}
