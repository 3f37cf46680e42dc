import { compareSpans, type FoldedSpan, inOrder } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import type { TraceSpan } from './trace-span.ts';
import { type RuledOutReason, Verdicts } from './verdicts.ts';
import { hasFailed } from './work.ts';

/**
 * How a trace ended, judged by its steps and attempts: a root that never ends is open, yet the trace failed when a step
 * failed and did not recover.
 *
 * `interrupted`: nothing failed, but work was lost by its worker and nobody took it up. `unknown`: there are no events.
 */
export type TraceOutcome = 'success' | 'failed' | 'interrupted' | 'open' | 'canceled' | 'unknown';

/** A failed span that is not a cause. */
export interface RuledOutSpan {
  readonly span: TraceSpan;
  readonly reason: RuledOutReason;
  /** What recovered, handled, superseded or explains it. */
  readonly by: TraceSpan | undefined;
}

export interface Judgement {
  readonly outcome: TraceOutcome;
  /** Failed, and nothing made up for it. */
  readonly failures: readonly FoldedSpan[];
  readonly ruledOut: readonly RuledOutSpan[];
  /** Failed or lost attempts, by what made up for them. */
  readonly recovered: ReadonlyMap<FoldedSpan, readonly FoldedSpan[]>;
  readonly interrupted: readonly FoldedSpan[];
  /** Started and not ended, or to be started again. */
  readonly open: readonly FoldedSpan[];
}

/** Judges the spans that the question is about. One pass; only spans that did not complete are looked at closely. */
export function judge(trace: FoldedTrace): Judgement {
  const verdicts = new Verdicts(trace);
  const failures: FoldedSpan[] = [];
  let ruledOut: RuledOutSpan[] = [];
  const recovered = new Map<FoldedSpan, FoldedSpan[]>();
  const interrupted: FoldedSpan[] = [];
  const open: FoldedSpan[] = [];
  const { concerned, table, forest } = trace;
  const notable = forest.notable
    .map((row) => table.span(row))
    .filter(({ traceId }) => concerned === undefined || concerned.has(traceId));
  trace.work.lookAt(notable);
  let rest: TraceOutcome = isEmpty(trace) ? 'unknown' : 'success';
  for (const span of notable) {
    const { state } = span;
    if (state === 'completed' || span.isReport) continue;
    const verdict = verdicts.of(span);
    const isOwn = verdict?.of === span;
    if (state === 'interrupted') interrupted.push(span);
    if (state === 'open' || verdicts.isAwaited(span)) open.push(span);
    if (verdict === undefined) {
      if (state === 'failed') failures.push(span);
      else rest = worse(rest, span);
    } else if (hasFailed(span)) ruledOut.push({ span, reason: verdict.reason, by: verdict.by });
    if (isOwn && verdict.reason === 'recovered' && state !== 'suspended') append(recovered, verdict.by, span);
  }
  // When the undoing is all that failed, it is what failed.
  if (failures.length === 0) {
    for (const one of ruledOut) if (isUndoing(one)) failures.push(one.span as FoldedSpan);
    ruledOut = ruledOut.filter((one) => !isUndoing(one));
  }
  ruledOut.sort((a, b) => compareSpans(a.span as FoldedSpan, b.span as FoldedSpan));
  const outcome = failures.length > 0 ? 'failed' : open.length > 0 ? worseOf(rest, 'open') : rest;
  return { outcome, failures, ruledOut, recovered, interrupted: inOrder(interrupted), open: inOrder(open) };
}

function isEmpty({ concerned, table }: FoldedTrace): boolean {
  return concerned === undefined
    ? table.rows.count === 0
    : ![...concerned].some((traceId) => table.rows.index.traceIds.has(traceId));
}

const badness: readonly TraceOutcome[] = ['unknown', 'success', 'canceled', 'open', 'interrupted', 'failed'];

function worseOf(a: TraceOutcome, b: TraceOutcome): TraceOutcome {
  return badness.indexOf(a) < badness.indexOf(b) ? b : a;
}

function worse(outcome: TraceOutcome, span: FoldedSpan): TraceOutcome {
  if (span.state === 'interrupted') return worseOf(outcome, 'interrupted');
  return span.state === 'canceled' && isUnit(span) ? worseOf(outcome, 'canceled') : outcome;
}

/** Whether the end of this span says how the trace ended. */
function isUnit(span: FoldedSpan): boolean {
  return span.parent === undefined || span.isStep || span.work !== undefined;
}

function isUndoing({ span, reason }: RuledOutSpan): boolean {
  return reason === 'compensation' && span.state === 'failed';
}

function append(
  recovered: Map<FoldedSpan, FoldedSpan[]>,
  by: FoldedSpan | undefined,
  span: FoldedSpan,
): void {
  if (by === undefined) return;
  const before = recovered.get(by);
  if (before === undefined) recovered.set(by, [span]);
  else before.push(span);
}
