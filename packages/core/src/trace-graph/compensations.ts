import { compareNumbers } from './event-order.ts';
import { compareSpans, type FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import type { Judgement } from './judge.ts';
import { Originals } from './originals.ts';
import { Sagas } from './sagas.ts';
import { isStep, isUndoing } from './span-facts.ts';
import type { TraceSpan } from './trace-span.ts';

/**
 * What became of the undoing of one step.
 *
 * - `not_needed`: the saga did not fail, or the step was declared with `compensation: 'none'`.
 * - `compensated`, `failed`, `skipped` (canceled): what its compensation says of itself.
 * - `pending`: nobody has undone it yet, and the saga or a compensation is still open; or the worker of the saga was lost,
 *   and it may be taken up.
 * - `missing`: nobody undid it, and nobody is there any more who would.
 */
export type CompensationStatus = 'not_needed' | 'compensated' | 'failed' | 'skipped' | 'pending' | 'missing';

/** One row of the ledger: a completed step, or whatever else a compensation names as its original. */
export interface CompensationRow {
  readonly step: TraceSpan;
  /** What ran the step; `undefined` when nothing is known around it. */
  readonly saga: TraceSpan | undefined;
  readonly status: CompensationStatus;
  /** What was declared for the step. */
  readonly compensation: 'required' | 'none';
  /** The spans that say they undo it, by start. */
  readonly by: readonly TraceSpan[];
  /**
   * `true` when a step of the same saga that completed later was undone later: undoing goes backwards. Only clocks of one
   * process are compared.
   */
  readonly isOutOfOrder: boolean;
}

/** The ledger, by completion of the steps. */
export function keepLedger(trace: FoldedTrace, judgement: Judgement): readonly CompensationRow[] {
  const undoings = new Map<FoldedSpan, FoldedSpan[]>();
  for (const span of trace.table.spansWhere((facts) => (facts & isStep) !== 0))
    if (span.originalSpanId === undefined && span.hasEnded && span.state === 'completed')
      undoings.set(span, []);
  const compensations = trace.table.spansWhere((facts) => (facts & isUndoing) !== 0);
  if (undoings.size + compensations.length === 0) return [];
  trace.work.lookAt(compensations);
  const sagas = new Sagas(judgement);
  const originals = new Originals(trace);
  for (const span of compensations) {
    if (span.originalSpanId === undefined) continue;
    const original = sagas.stepAround(originals.of(span));
    const known = undoings.get(original);
    if (known === undefined) undoings.set(original, [span]);
    else known.push(span);
  }
  const rows = [...undoings].map(([step, by]) => rowOf(step, by.sort(compareSpans), sagas));
  return markDisorder(rows.sort((a, b) => compareCompletion(a.step, b.step)));
}

type Row = { -readonly [K in keyof CompensationRow]: CompensationRow[K] } & {
  readonly step: FoldedSpan;
  readonly by: readonly FoldedSpan[];
};

function rowOf(step: FoldedSpan, by: readonly FoldedSpan[], sagas: Sagas): Row {
  const compensation = step.compensation;
  const status = claimOf(by) ?? unclaimed(step, by.length > 0, compensation, sagas);
  return { step, saga: sagas.of(step), status, compensation, by, isOutOfOrder: false };
}

/**
 * What compensations say of themselves, a job by its latest attempt; one that succeeded outweighs those that did not.
 */
function claimOf(by: readonly FoldedSpan[]): CompensationStatus | undefined {
  const latest = by.map((span) => span.work?.latest ?? span);
  const states = new Set(latest.map(({ state }) => state));
  if ([...by, ...latest].some(({ status }) => status === 'success')) return 'compensated';
  if (states.has('open') || states.has('retrying') || states.has('suspended')) return 'pending';
  if (states.has('failed')) return 'failed';
  return states.has('canceled') ? 'skipped' : undefined;
}

function unclaimed(
  step: FoldedSpan,
  isAnnounced: boolean,
  compensation: CompensationRow['compensation'],
  sagas: Sagas,
): CompensationStatus {
  const isUndecided = sagas.isLost(step);
  if (!isAnnounced && (compensation === 'none' || !(isUndecided || sagas.hasFailed(step))))
    return 'not_needed';
  return isUndecided || sagas.isOpen(step) ? 'pending' : 'missing';
}

function compareCompletion(a: FoldedSpan, b: FoldedSpan): number {
  return compareNumbers(a.endTime ?? 0, b.endTime ?? 0) || compareSpans(a, b);
}

/** From the last step of each saga to its first, remembering when the latest undoing so far began. */
function markDisorder(rows: Row[]): readonly CompensationRow[] {
  const latestUndoing = new Map<string, number>();
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i] as Row;
    const undoing = successIn(row.by);
    if (undoing?.startTime === undefined) continue;
    const order = orderOf(row, undoing);
    const latest = latestUndoing.get(order) ?? Number.NEGATIVE_INFINITY;
    row.isOutOfOrder = undoing.startTime < latest;
    latestUndoing.set(order, Math.max(latest, undoing.startTime));
  }
  return rows;
}

/** The first undoing that succeeded, a job by its latest attempt. */
function successIn(by: readonly FoldedSpan[]): FoldedSpan | undefined {
  return by.map((span) => (span.status === 'success' ? span : (span.work?.latest ?? span))).find(isDone);
}

function isDone({ status }: FoldedSpan): boolean {
  return status === 'success';
}

/** Steps of one saga whose ends, and undoings, were timed by the same clocks. */
function orderOf({ saga, step }: Row, undoing: FoldedSpan): string {
  return JSON.stringify([saga?.traceId, saga?.spanId, step.event?.source, undoing.events[0]?.source]);
}
