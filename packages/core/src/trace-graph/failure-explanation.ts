import type { StoredError } from '../events/trace-event.ts';
import type { CompensationRow } from './compensations.ts';
import type { Confidence } from './confidence.ts';
import type { TraceDiagnostic } from './diagnostics.ts';
import type { Interruption } from './interruptions.ts';
import type { RuledOutSpan, TraceOutcome } from './judge.ts';
import type { TraceSpan } from './trace-span.ts';
import type { WorkAttempts } from './work-attempts.ts';

/** Why a trace failed: one error, wherever it showed. */
export interface FailureCause {
  /** The deepest span that failed with it. */
  readonly span: TraceSpan;
  /** All spans without a deeper failure before theirs that failed with the same error, in tree order; `span` is one of them. */
  readonly spans: readonly TraceSpan[];
  /** The innermost error: wrappers around it are the same cause. `undefined` when none was recorded. */
  readonly error: StoredError | undefined;
  /** The attempt at a job or task in which it happened: the span itself, or the nearest one above. */
  readonly job: TraceSpan | undefined;
  /** All attempts at that job. */
  readonly work: WorkAttempts | undefined;
  /** From the root down to `span`, across links between traces. */
  readonly chain: readonly TraceSpan[];
  /** Why it is a cause, and why it is named before the next one; phrases: `nothing below it failed`. */
  readonly reasons: readonly string[];
}

/** Work that failed or was lost on the way and was made up for. */
export interface RecoveredWork {
  /** What completed in the end. */
  readonly by: TraceSpan;
  /** What it made up for, by start. */
  readonly failures: readonly TraceSpan[];
}

/** The answer to *why did this fail, what was retried, what was undone, what is still open?* */
export interface FailureExplanation {
  readonly outcome: TraceOutcome;
  /**
   * Deepest first, ties in tree order; after these, what failed only after the span around it had failed. Empty unless the
   * outcome is `failed`.
   */
  readonly causes: readonly FailureCause[];
  /** The chain of the first cause. */
  readonly chain: readonly TraceSpan[];
  readonly recovered: readonly RecoveredWork[];
  /** Work that nobody ended, made up for or not, by start. */
  readonly interrupted: readonly Interruption[];
  /** Started and not ended, or to be started again. */
  readonly open: readonly TraceSpan[];
  /** Every failed span that is not in `causes`, with the reason. */
  readonly ruledOut: readonly RuledOutSpan[];
  /** The ledger. */
  readonly compensation: readonly CompensationRow[];
  readonly confidence: Confidence;
  readonly diagnostics: readonly TraceDiagnostic[];
  /** One paragraph a person can act on, without control or bidi characters. */
  toText(): string;
}
