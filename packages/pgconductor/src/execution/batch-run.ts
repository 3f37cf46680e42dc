import { noopTelemetry, type TraceContext } from '@throughline/core';
import type { Logger } from '../task/logger.ts';
import { CanceledError } from './canceled-error.ts';
import type { Execution, ExecutionHost } from './execution.ts';
import type { RunnableTask } from './runnable-task.ts';

const unstarted = { kind: 'released', delayMs: 0, isUnstarted: true, isUngated: false } as const;
/** Of what nobody traces: all zero. */
const untraced: TraceContext = noopTelemetry.startSpan('').context;

/**
 * One call of the handler of a batch task, with several executions. Each of them ends by itself: cancelled or lost, it leaves
 * the others alone. The signal of the call aborts when all of them have been told to stop.
 *
 * ```text
 *   collecting ── size reached, time over ──▶ running ── the last member ends ──▶ over
 * ```
 */
export class BatchRun {
  readonly host: ExecutionHost;
  readonly task: RunnableTask;
  /** In the order in which they were claimed. */
  members: Execution[] = [];
  /** Members whose run has not ended. */
  open = 0;
  isStarted = false;
  /** Ends the wait for members, then the run when it takes too long. */
  timer: ReturnType<typeof setTimeout> | undefined = undefined;
  readonly #abort = new AbortController();

  constructor(host: ExecutionHost, task: RunnableTask) {
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

  /** Whether it was started and all its members have ended. */
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

  /** A member was told to stop. */
  aborted(member: Execution, reason: unknown): void {
    if (reason instanceof CanceledError) member.end({ kind: 'canceled', error: reason });
    else if (!this.isStarted) member.end(unstarted);
    if (this.isStarted && this.members.every(({ isAborted }) => isAborted)) this.#abort.abort(reason);
  }

  /** A member has ended. */
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
