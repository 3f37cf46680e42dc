import type { Logger } from '../task/logger.ts';
import type { KeptStep, KeptSteps, StepKind } from './kept-step.ts';
import { completed, type Outcome } from './outcome.ts';
import { StepMismatchError } from './step-mismatch-error.ts';
import { StepNestedError } from './step-nested-error.ts';
import { StepRepeatedError } from './step-repeated-error.ts';
import type { Wait } from './wait.ts';

/** For how long steps may keep a run awake that waits, before somebody is told. */
const longMs = 10_000;
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
 * Each name is used once in a run: there is no other way to tell the same call at the next run, when others may come first.
 *
 * A run is suspended at the end of a turn of the event loop in which it waits for something and no work of its steps goes on:
 * so all that was asked together is waited for together. Its handler is left on a promise that never settles. Nothing but the
 * handler itself holds that promise, so both are collected.
 */
export class DurableRun {
  readonly #run: DurableHost;
  readonly #kept: KeptSteps | undefined;
  readonly #used = new Map<string, StepKind>();
  readonly #waits: Wait[] = [];
  #working = 0;
  /** Steps whose work goes on. */
  readonly #steps = new Set<string>();
  /** The step whose work is being called. */
  #step: string | undefined;
  #mayRelease = false;
  #isScheduled = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(run: DurableHost, kept: KeptSteps | undefined) {
    this.#run = run;
    this.#kept = kept;
  }

  /**
   * Uses a name, and gives what an earlier run has kept under it.
   *
   * @throws StepMismatchError `THROUGHLINE_PGCONDUCTOR_STEP_MISMATCH`
   * @throws StepRepeatedError `THROUGHLINE_PGCONDUCTOR_STEP_REPEATED`
   */
  use(name: string, kind: StepKind): KeptStep | undefined {
    const used = this.#used.get(name);
    const kept = this.#kept?.get(name);
    const before = used ?? kept?.kind ?? kind;
    if (before !== kind) throw new StepMismatchError(name, before, kind);
    if (used !== undefined) throw new StepRepeatedError(name, kind);
    this.#used.set(name, kind);
    return kept;
  }

  /** Begins what has that name. When it fails nothing is kept, so the name may be used again. */
  async begin<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#used.delete(name);
      throw error;
    }
  }

  /** Does the work of a step. */
  async doStep(step: string, work: () => unknown): Promise<unknown> {
    this.#steps.add(step);
    try {
      return await this.#callWork(step, work);
    } finally {
      this.#steps.delete(step);
    }
  }

  #callWork(step: string, work: () => unknown): unknown {
    const outer = this.#step;
    this.#step = step;
    try {
      return work();
    } finally {
      this.#step = outer;
    }
  }

  /** Whether the work of a step goes on. */
  get isInStep(): boolean {
    return this.#steps.size > 0;
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
      else this.#timer ??= setTimeout(() => this.#warnOfSteps(), longMs).unref();
    });
  }

  #suspend(): void {
    const waits = this.#waits;
    clearTimeout(this.#timer);
    if (this.#run.outcome === completed) this.#warnOfUnstarted();
    if (this.#mayRelease) this.#run.end(released);
    else {
      const isAsleep = waits.every(({ kind }) => kind === 'sleep');
      this.#run.end({ kind: isAsleep ? 'sleeping' : 'waiting', waits });
    }
  }

  /** Whether the wait is beside the steps, which is fine, or inside one of them, nobody can see: it may never end. */
  #warnOfSteps(): void {
    const { logger, task, id, outcome } = this.#run;
    if (outcome !== undefined || this.#waits.length === 0) return;
    logger.warn(
      'pgconductor: a run that waits is kept awake by a step; a wait inside of a step never ends, so wait outside of it',
      {
        task: task.name,
        executionId: String(id),
        steps: [...this.#steps],
        waits: this.#waits.map(({ key }) => key),
      },
    );
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
