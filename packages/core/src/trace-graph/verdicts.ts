import { compareSpans, type FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { Inherited } from './inherited.ts';
import { hasFailed } from './work.ts';

/**
 * Why a failed span is not a cause.
 *
 * - `consequence`: something below it failed. `recovered`: a later attempt, or the same step again, completed.
 * - `earlier_attempt`: a later attempt decides. `retry_pending`: another attempt is to follow.
 * - `handled`: the code around it went on and completed. `compensation`: it belongs to the undoing.
 */
export type RuledOutReason =
  | 'consequence'
  | 'recovered'
  | 'earlier_attempt'
  | 'retry_pending'
  | 'handled'
  | 'compensation';

/** Why a span, and everything below it, does not decide how the trace ended. */
export interface Verdict {
  readonly reason: RuledOutReason;
  readonly by: FoldedSpan | undefined;
  /** The span it was said about; those below inherit it. */
  readonly of: FoldedSpan;
}

interface Standing {
  readonly verdict: Verdict | undefined;
  /** The nearest span, this one included, that completed or failed: it knows what became of the work inside it. */
  readonly witness: FoldedSpan | undefined;
}

const nothingAbove: Standing = { verdict: undefined, witness: undefined };

/**
 * Verdicts on spans that did not complete. A verdict comes from the topmost span that earned one and holds for
 * everything below it.
 */
export class Verdicts {
  readonly #trace: FoldedTrace;
  readonly #standings: Inherited<Standing>;
  #repeats: Map<FoldedSpan, ReadonlyMap<string, FoldedSpan>> | undefined;
  #retries: ReadonlyMap<FoldedSpan, FoldedSpan> | undefined;

  constructor(trace: FoldedTrace) {
    this.#trace = trace;
    this.#standings = new Inherited(nothingAbove, (above, span) => this.#below(above, span));
  }

  of(span: FoldedSpan): Verdict | undefined {
    return this.#standings.of(span).verdict;
  }

  #below(around: Standing, span: FoldedSpan): Standing {
    const above = span.origin === undefined ? around : acrossLink(around);
    const verdict = inheritedBy(span, above.verdict) ?? this.#judge(span, above.witness);
    const witness = isWitness(span) ? span : above.witness;
    return verdict === above.verdict && witness === above.witness ? above : { verdict, witness };
  }

  #judge(span: FoldedSpan, witness: FoldedSpan | undefined): Verdict | undefined {
    if (span.originalSpanId !== undefined) return { reason: 'compensation', by: undefined, of: span };
    if (span.state === 'completed') return undefined;
    const later = this.#laterThan(span);
    if (later !== undefined)
      return { reason: later.state === 'completed' ? 'recovered' : 'earlier_attempt', by: later, of: span };
    if (isPutOff(span)) return { reason: 'retry_pending', by: undefined, of: span };
    const isPlain = span.work === undefined && !span.isStep && span.state === 'failed';
    return isPlain && hasGoneOn(witness, span) ? { reason: 'handled', by: witness, of: span } : undefined;
  }

  /** Whether another start is to follow, in the undoing and below a recovered attempt as well. */
  isAwaited(span: FoldedSpan): boolean {
    return isPutOff(span) && this.#laterThan(span) === undefined;
  }

  #laterThan(span: FoldedSpan): FoldedSpan | undefined {
    const work = this.#trace.work.of(span);
    const later = work === undefined ? this.#repeatOf(span) : work.latest;
    return later === span ? undefined : later;
  }

  /** The span that did the same again, for work that has no attempts: known by link, or the same step beside it. */
  #repeatOf(span: FoldedSpan): FoldedSpan | undefined {
    if (!hasFailed(span)) return undefined;
    this.#retries ??= this.#trace.retries();
    const retry = lastRetry(this.#retries, span);
    if (retry !== undefined || span.parent === undefined) return retry;
    if (!span.isStep && span.state !== 'retrying') return undefined;
    const repeat = this.#completedBelow(span.parent).get(sameness(span));
    return repeat !== undefined && compareSpans(repeat, span) > 0 ? repeat : undefined;
  }

  #completedBelow(parent: FoldedSpan): ReadonlyMap<string, FoldedSpan> {
    this.#repeats ??= new Map();
    let completed = this.#repeats.get(parent);
    if (completed === undefined) {
      const done = parent.children.filter(({ state, form }) => state === 'completed' && form === 'work');
      completed = new Map(done.map((span) => [sameness(span), span]));
      this.#repeats.set(parent, completed);
    }
    return completed;
  }
}

/** Follows retries of retries; the limit ends rings that broken links may form. */
function lastRetry(retries: ReadonlyMap<FoldedSpan, FoldedSpan>, span: FoldedSpan): FoldedSpan | undefined {
  let last = retries.get(span);
  for (let i = 0, next = last; i < 100 && next !== undefined; i++) {
    last = next;
    next = retries.get(next);
  }
  return last;
}

/** What was sent by an undoing is part of it, also in a trace of its own; else a linked trace answers for itself. */
function acrossLink({ verdict }: Standing): Standing {
  return verdict?.reason === 'compensation' ? { verdict, witness: undefined } : nothingAbove;
}

/**
 * Who caught the error of a call cannot have made a step or a job inside it succeed: these answer for themselves. So do jobs
 * that a start sent and was put off for: the start after it is told what became of them, and does not do them again.
 */
function inheritedBy(span: FoldedSpan, verdict: Verdict | undefined): Verdict | undefined {
  if (verdict?.reason === 'handled') return span.isStep || span.work !== undefined ? undefined : verdict;
  const isGoneOn = verdict?.reason === 'earlier_attempt' && verdict.of.state === 'suspended';
  return isGoneOn && span.work !== undefined ? undefined : verdict;
}

function sameness(span: FoldedSpan): string {
  return `${span.subject}\n${span.name}`;
}

function isPutOff({ state }: FoldedSpan): boolean {
  return state === 'retrying' || state === 'suspended';
}

function isWitness(span: FoldedSpan): boolean {
  return span.state === 'failed' || (span.state === 'completed' && span.form === 'work');
}

/**
 * Whether the code around a failure completed after it. Only clocks of one source are compared: across processes a
 * child that ended "before" its parent may just as well have failed unseen, later.
 */
function hasGoneOn(witness: FoldedSpan | undefined, span: FoldedSpan): boolean {
  if (witness?.state !== 'completed' || witness.event?.source !== span.event?.source) return false;
  const end = span.endTime;
  const witnessEnd = witness.endTime;
  return end !== undefined && witnessEnd !== undefined && end <= witnessEnd;
}
