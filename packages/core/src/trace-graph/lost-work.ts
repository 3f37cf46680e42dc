import type { FoldedSpan } from './folded-span.ts';
import { Inherited } from './inherited.ts';
import type { Forest } from './link.ts';
import { hasStalled, isRunning } from './span-facts.ts';
import type { SpanTable } from './span-table.ts';
import type { WorkIndex } from './work-index.ts';

/**
 * What ran inside an attempt that was lost was lost with it: the same process would have had to end it. What the attempt
 * sent, and calls that another process answers, may still be alive.
 */
export function loseWhatRanInside(table: SpanTable, { notable, running }: Forest, work: WorkIndex): void {
  const stalled = notable.filter((row) => hasStalled(table.rows.factsOf(row)));
  if (running.length + stalled.length === 0) return;
  const suspects = [...running, ...stalled].map((row) => table.span(row));
  work.lookAt(suspects);
  if (!suspects.some(isLostAttempt)) return;
  const attempts = new Inherited<FoldedSpan | null>(null, attemptAround);
  for (const row of notable) {
    if (!isRunning(table.rows.factsOf(row))) continue;
    const span = table.span(row);
    const attempt = span.work === undefined ? attempts.of(span) : null;
    if (attempt === null || !isLostAttempt(attempt) || sourceOf(attempt) !== sourceOf(span)) continue;
    span.isAbandoned = true;
    span.lostWith = attempt;
  }
}

function attemptAround(above: FoldedSpan | null, span: FoldedSpan): FoldedSpan | null {
  if (span.work !== undefined) return span;
  return span.origin !== undefined || span.form === 'send' ? null : above;
}

function isLostAttempt({ work, state }: FoldedSpan): boolean {
  return work !== undefined && state === 'interrupted';
}

function sourceOf({ events }: FoldedSpan): string | undefined {
  return events[0]?.source;
}
