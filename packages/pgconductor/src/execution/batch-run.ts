import type { TraceContext } from '@throughline/core';
import type { Logger } from '../task/logger.ts';
import { CanceledError } from './canceled-error.ts';
import type { Execution, ExecutionHost, SharedRun } from './execution.ts';
import type { RunnableTask } from './runnable-task.ts';
import { untraced } from './untraced.ts';

const unstarted = { kind: 'released', delayMs: 0, isUnstarted: true, isUngated: false } as const;

/** What every batch of an orchestrator shares. */
export interface BatchHost extends ExecutionHost {
  /** What handlers of batches are given, with what the application adds to it. */
  readonly BatchContext: new (
    run: BatchRun,
  ) => object;
  /** Makes a batch; another kind of it where telemetry listens. */
  batchRun(task: RunnableTask): BatchRun;
}

/**
 * One call of the handler of a batch task, with several executions. Each of them ends by itself: cancelled or lost, it leaves
 * the others alone. The signal of the call aborts when all of them have been told to stop.
 *
 * ```text
 *   collecting ── size reached, time over ──▶ running ── the last member ends ──▶ over
 * ```
 */
export class BatchRun implements SharedRun {
  readonly host: BatchHost;
  readonly task: RunnableTask;
  /** In the order in which they were claimed. */
  members: Execution[] = [];
  /** Members whose run has not ended. */
  open = 0;
  isStarted = false;
  /** Ends the wait for members, then the run when it takes too long. */
  timer: ReturnType<typeof setTimeout> | undefined = undefined;
  readonly #abort = new AbortController();

  constructor(host: BatchHost, task: RunnableTask) {
    this.host = host;
    this.task = task;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get logger(): Logger {
    return this.host.logger;
  }

  /** Of the span of this run. */
  get trace(): TraceContext {
    return untraced;
  }

  get isOver(): boolean {
    return this.isStarted && this.open === 0;
  }

  add(member: Execution): void {
    member.run = this;
    this.members.push(member);
    this.open += 1;
  }

  /** Called before anything of the run happens. */
  begin(): void {
    this.isStarted = true;
  }

  /** Calls the handler. */
  call(events: readonly unknown[], context: unknown): unknown {
    return this.task.handler(events, context);
  }

  aborted(member: Execution, reason: unknown): void {
    if (reason instanceof CanceledError) member.end({ kind: 'canceled', error: reason });
    else if (!this.isStarted) member.end(unstarted);
    if (this.isStarted && this.members.every(({ isAborted }) => isAborted)) this.#abort.abort(reason);
  }

  ended(member: Execution): void {
    this.open -= 1;
    if (!this.isStarted) this.members = this.members.filter((one) => one !== member);
    else if (this.open === 0) clearTimeout(this.timer);
  }

  /** Gives all of them back, before anything of the run has happened. */
  giveBack(): void {
    for (const member of [...this.members]) member.end(unstarted);
  }
}
