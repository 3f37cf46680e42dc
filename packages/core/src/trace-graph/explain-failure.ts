import type { StoredError } from '../events/trace-event.ts';
import { Consequences, causeReasons } from './cause-reasons.ts';
import type { CompensationRow } from './compensations.ts';
import { type Confidence, confidenceOf } from './confidence.ts';
import type { TraceDiagnostic } from './diagnostics.ts';
import { explanationText } from './explanation-text.ts';
import type { FailureCause, FailureExplanation, RecoveredWork } from './failure-explanation.ts';
import { type DeepestFailure, growFailureForest } from './failure-forest.ts';
import { compareSpans, type FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { type Interruption, interruptionsOf } from './interruptions.ts';
import type { RuledOutSpan, TraceOutcome } from './judge.ts';
import { causeOf } from './link.ts';
import type { TraceAnalysis } from './trace-analysis.ts';
import type { TraceSpan } from './trace-span.ts';
import type { WorkAttempts } from './work-attempts.ts';

export function explainFailure(analysis: TraceAnalysis): FailureExplanation {
  return new Explanation(analysis);
}

/** Answers when asked: most readers want the first cause, or the text. */
class Explanation implements FailureExplanation {
  readonly outcome: TraceOutcome;
  readonly causes: readonly FailureCause[];
  readonly open: readonly TraceSpan[];
  readonly #analysis: TraceAnalysis;
  readonly #explained: ReadonlyMap<FoldedSpan, FoldedSpan>;

  constructor(analysis: TraceAnalysis) {
    const { trace, judgement } = analysis;
    const { outcome, failures, open } = judgement;
    const { deepest, explained } = growFailureForest(failures, trace);
    this.#analysis = analysis;
    this.#explained = explained;
    this.outcome = outcome;
    this.causes = causesOf(trace, deepest, new Consequences(explained));
    this.open = open;
  }

  get chain(): readonly TraceSpan[] {
    return this.causes[0]?.chain ?? [];
  }

  get recovered(): readonly RecoveredWork[] {
    return [...this.#analysis.judgement.recovered]
      .sort(([a], [b]) => compareSpans(a, b))
      .map(([by, spans]) => ({ by, failures: [...spans].sort(compareSpans) }));
  }

  get interrupted(): readonly Interruption[] {
    return interruptionsOf(this.#analysis.judgement.interrupted);
  }

  get ruledOut(): readonly RuledOutSpan[] {
    return [...this.#analysis.judgement.ruledOut, ...consequences(this.#explained)];
  }

  get compensation(): readonly CompensationRow[] {
    return this.#analysis.ledger;
  }

  get confidence(): Confidence {
    return confidenceIn(this, this.#analysis.trace);
  }

  get diagnostics(): readonly TraceDiagnostic[] {
    return this.#analysis.diagnostics;
  }

  toText(): string {
    return explanationText(this, this.#analysis.trace);
  }

  /** Getters are no fields, so that `JSON.stringify` has to be told. */
  toJSON(): object {
    const { outcome, causes, chain, recovered, interrupted, open, ruledOut, compensation } = this;
    const { confidence, diagnostics } = this;
    return {
      outcome,
      causes,
      chain,
      recovered,
      interrupted,
      open,
      ruledOut,
      compensation,
      confidence,
      diagnostics,
    };
  }
}

function consequences(explained: ReadonlyMap<FoldedSpan, FoldedSpan>): RuledOutSpan[] {
  return [...explained].map(([span, by]) => ({ span, reason: 'consequence', by }));
}

/** One cause per error. The deepest failure stands for it; the sort is stable, so ties stay in tree order. */
function causesOf(
  trace: FoldedTrace,
  deepest: readonly DeepestFailure[],
  consequences: Consequences,
): readonly FailureCause[] {
  const [only] = deepest;
  if (only !== undefined && deepest.length === 1)
    return [new Cause(trace, only, deepest, undefined, consequences)];
  const groups = new Map<unknown, DeepestFailure[]>();
  for (const failure of deepest) {
    const error = innermost(failure.span.error);
    const key = error === undefined ? failure.span : `${error.type}\n${error.message}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [failure]);
    else group.push(failure);
  }
  return [...groups.values()]
    .map((group) => ({ group, first: group.reduce((a, b) => (compareCauses(a, b) > 0 ? b : a)) }))
    .sort((a, b) => compareCauses(a.first, b.first))
    .map(({ group, first }, i, all) => new Cause(trace, first, group, all[i + 1]?.first, consequences));
}

function compareCauses(a: DeepestFailure, b: DeepestFailure): number {
  return Number(a.isLate) - Number(b.isLate) || b.depth - a.depth;
}

/** One error. What leads to it is found when asked for. */
class Cause implements FailureCause {
  readonly span: FoldedSpan;
  readonly spans: readonly FoldedSpan[];
  readonly #trace: FoldedTrace;
  readonly #place: DeepestFailure;
  readonly #next: DeepestFailure | undefined;
  readonly #consequences: Consequences;

  constructor(
    trace: FoldedTrace,
    place: DeepestFailure,
    group: readonly DeepestFailure[],
    next: DeepestFailure | undefined,
    consequences: Consequences,
  ) {
    this.#trace = trace;
    this.#place = place;
    this.#next = next;
    this.#consequences = consequences;
    this.span = place.span;
    this.spans = group.map((failure) => failure.span);
  }

  get error(): StoredError | undefined {
    return innermost(this.span.error);
  }

  get job(): FoldedSpan | undefined {
    return this.#trace.jobAround(this.span);
  }

  get work(): WorkAttempts | undefined {
    return this.job?.work;
  }

  get chain(): readonly FoldedSpan[] {
    return chainTo(this.span);
  }

  get reasons(): readonly string[] {
    return causeReasons(this.work, {
      place: this.#place,
      next: this.#next,
      places: this.spans.length,
      consequences: this.#consequences.of(this.spans),
    });
  }

  /** Without the chain: many causes far down would repeat most of the tree. The explanation has that of the first. */
  toJSON(): object {
    const { span, spans, error, job, work, reasons } = this;
    return { span, spans, error, job, work, reasons };
  }
}

/** The error that others only wrap. */
function innermost(error: StoredError | undefined): StoredError | undefined {
  return error?.cause === undefined ? error : innermost(error.cause);
}

function chainTo(span: FoldedSpan): readonly FoldedSpan[] {
  const chain: FoldedSpan[] = [];
  for (let above: FoldedSpan | undefined = span; above !== undefined; above = causeOf(above))
    chain.push(above);
  return chain.reverse();
}

function confidenceIn({ causes, chain, outcome }: FailureExplanation, trace: FoldedTrace): Confidence {
  const reasons: string[] = [];
  if (outcome === 'failed' && causes[0]?.error === undefined) reasons.push('no error was recorded');
  if (chain.some(({ form }, depth) => form === 'missing' && depth > 0))
    reasons.push('events are missing in the chain');
  if (trace.cutOffs.length > 0 || trace.hasGaps) reasons.push('not all events are here');
  if (trace.forest.cut.length > 0 || (chain as readonly FoldedSpan[]).some(isContradictory))
    reasons.push('events contradict each other');
  return confidenceOf(reasons);
}

function isContradictory({ endsDiffer, parentsDiffer }: FoldedSpan): boolean {
  return endsDiffer || parentsDiffer;
}
