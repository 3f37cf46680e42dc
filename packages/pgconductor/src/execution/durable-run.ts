import type { Logger } from '../task/logger.ts';
import type { KeptStep, KeptSteps, StepKind } from './kept-step.ts';
import { completed, type Outcome } from './outcome.ts';
import { StepMismatchError } from './step-mismatch-error.ts';
import { StepNestedError } from './step-nested-error.ts';
import type { Wait } from './wait.ts';

const released = { kind: 'released', delayMs: 0, isUnstarted: false, isUngated: false } as const;

/** What a durable side needs of its run. */
export interface DurableHost {
  readonly id: number;
  readonly task: { readonly name: string };
  readonly logger: Logger;
  /** How the run ended; `undefined` while it lasts. */
  readonly outcome: Outcome | undefined;
  readonly isAborted: boolean;
  readonly signal: AbortSignal;
  end(outcome: Outcome): void;
}

/**
 * The durable side of one run: what was kept under which name, what is going on, and what the run waits for.
 *
 * A run is suspended at the end of a turn of the event loop in which it waits for something and no work of its steps goes on:
 * so all that was asked together is waited for together. Its handler is left on a promise that never settles. Nothing but the
 * handler itself holds that promise, so both are collected.
 */
export class DurableRun {
  readonly #run: DurableHost;
  readonly #kept: Map<string, KeptStep>;
  readonly #going = new Map<string, { readonly kind: StepKind; readonly promise: Promise<unknown> }>();
  readonly #waits: Wait[] = [];
  #working = 0;
  /** The step whose work is being called. */
  #step: string | undefined;
  #mayRelease = false;
  #isScheduled = false;

  constructor(run: DurableHost, kept: KeptSteps | undefined) {
    this.#run = run;
    this.#kept = new Map(kept);
  }

  /** What was kept under that name, by this run or an earlier one. */
  kept(name: string, kind: StepKind): KeptStep | undefined {
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.kind !== kind) throw new StepMismatchError(name, kept.kind, kind);
    return kept;
  }

  keep(name: string, kept: KeptStep): void {
    this.#kept.set(name, kept);
  }

  /** Calls the work of a step. */
  callWork<Result>(step: string, work: () => Result): Result {
    const outer = this.#step;
    this.#step = step;
    try {
      return work();
    } finally {
      this.#step = outer;
    }
  }

  /**
   * Refuses what a step can only wait for in vain, as far as that is seen: in the first turn of its work.
   *
   * @param what as the middle of a sentence: `the child "resize"`
   * @throws StepNestedError `THROUGHLINE_PGCONDUCTOR_STEP_NESTED`
   */
  demandNoStep(what: string): void {
    if (this.#step !== undefined) throw new StepNestedError(this.#step, what);
  }

  /** Begins what has that name, unless it goes on already: then that is what both get. */
  once(name: string, kind: StepKind, begin: () => Promise<unknown>): Promise<unknown> {
    const going = this.#going.get(name);
    if (going === undefined) return this.#begin(name, kind, begin);
    if (going.kind !== kind) throw new StepMismatchError(name, going.kind, kind);
    if (this.#step === name) throw new StepNestedError(name, 'itself');
    return going.promise;
  }

  #begin(name: string, kind: StepKind, begin: () => Promise<unknown>): Promise<unknown> {
    const promise = begin().finally(() => this.#going.delete(name));
    this.#going.set(name, { kind, promise });
    return promise;
  }

  /** Does work during which the run is not suspended. */
  async work<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#working += 1;
    try {
      return await work();
    } finally {
      this.#working -= 1;
      if (this.#waits.length > 0 || this.#mayRelease) this.#schedule();
    }
  }

  /** Suspends the run until what is waited for has come. Never settles. */
  wait(wait: Wait): Promise<never> {
    this.#waits.push(wait);
    this.#schedule();
    return abandoned();
  }

  /** Gives the execution back. Never settles. */
  release(): Promise<never> {
    this.#mayRelease = true;
    this.#schedule();
    return abandoned();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#working === 0) this.#suspend();
    });
  }

  #suspend(): void {
    const waits = this.#waits;
    if (this.#run.outcome === completed) this.#warnOfUnstarted();
    if (this.#mayRelease) this.#run.end(released);
    else {
      const isAsleep = waits.every(({ kind }) => kind === 'sleep');
      this.#run.end({ kind: isAsleep ? 'sleeping' : 'waiting', waits });
    }
  }

  /** Most likely somebody forgot to await them. */
  #warnOfUnstarted(): void {
    const { logger, task, id } = this.#run;
    for (const { kind, key, known } of this.#waits)
      if (kind === 'child' && !known)
        logger.warn('pgconductor: a child was never started, because its parent returned without it', {
          task: task.name,
          executionId: String(id),
          child: key,
        });
  }
}

/** What a handler is left on that must not go on, neither its `catch` nor its `finally`. */
function abandoned(): Promise<never> {
  return new Promise(() => {});
}

/**
 * Lets the handler of a run go on that may: one that was aborted is told why, one that has ended otherwise stays where it
 * is.
 */
export async function demandGoing(run: DurableHost): Promise<void> {
  if (run.isAborted) throw run.signal.reason;
  if (run.outcome !== undefined) await abandoned();
}
