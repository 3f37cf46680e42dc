import type { FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { Inherited } from './inherited.ts';
import { hasStalled, isRunning } from './span-facts.ts';

/**
 * What ran inside an attempt that was lost was lost with it: the same process would have had to end it. What the attempt
 * sent, and calls that another process answers, may still be alive.
 */
export function loseWhatRanInside({ table, forest, work }: FoldedTrace): void {
  const stalled = forest.notable.filter((row) => hasStalled(table.rows.factsOf(row)));
  if (forest.running.length + stalled.length === 0) return;
  const suspects = [...forest.running, ...stalled].map((row) => table.span(row));
  work.lookAt(suspects);
  if (!suspects.some(isLostAttempt)) return;
  const attempts = new Inherited<FoldedSpan | null>(null, attemptAround);
  for (const row of forest.notable) {
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
