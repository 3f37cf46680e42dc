import { type CompensationRow, keepLedger } from './compensations.ts';
import { diagnose, type TraceDiagnostic } from './diagnostics.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { type Judgement, judge } from './judge.ts';

/** What is concluded from a folded trace, each conclusion drawn once and only when asked for. */
export class TraceAnalysis {
  readonly trace: FoldedTrace;
  #judgement: Judgement | undefined;
  #ledger: readonly CompensationRow[] | undefined;
  #diagnostics: readonly TraceDiagnostic[] | undefined;

  constructor(trace: FoldedTrace) {
    this.trace = trace;
  }

  get judgement(): Judgement {
    this.#judgement ??= judge(this.trace);
    return this.#judgement;
  }

  get ledger(): readonly CompensationRow[] {
    this.#ledger ??= keepLedger(this.trace, this.judgement);
    return this.#ledger;
  }

  get diagnostics(): readonly TraceDiagnostic[] {
    this.#diagnostics ??= diagnose(this.trace);
    return this.#diagnostics;
  }
}
