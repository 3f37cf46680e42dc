import type { TraceContext } from '@throughline/core';
import { cancelExecution } from '../conductor/cancel-execution.ts';
import type { ConductorCore } from '../conductor/conductor-core.ts';
import { emitEvent } from '../conductor/emit.ts';
import { scheduleTask, unscheduleTask } from '../conductor/schedule-task.ts';
import type { Logger } from '../task/logger.ts';
import type { CancelOptions, ScheduleOptions, TaskReference } from '../task/task-context.ts';

/** What a context asks for: of one execution, or of a batch. */
export interface Run {
  readonly host: { readonly core: ConductorCore };
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly trace: TraceContext;
}

/** What every handler is given. */
export class RunContext<Of extends Run = Run> {
  readonly #run: Of;

  constructor(run: Of) {
    this.#run = run;
  }

  /** For contexts of one kind of run, so that they need no field of their own. */
  static runOf<Of extends Run>(context: RunContext<Of>): Of {
    return context.#run;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }

  get logger(): Logger {
    return this.#run.logger;
  }

  get trace(): TraceContext {
    return this.#run.trace;
  }

  async emit(event: string, payload?: unknown): Promise<void> {
    await emitEvent(this.#run.host.core, { event, payload, parent: this.#run.trace }, undefined);
  }

  schedule(task: TaskReference, schedule: ScheduleOptions, payload?: unknown): Promise<void> {
    return scheduleTask(this.#run.host.core, task, schedule, payload);
  }

  unschedule(task: TaskReference, schedule: string): Promise<boolean> {
    return unscheduleTask(this.#run.host.core, task, schedule);
  }

  cancel(executionId: string, options?: CancelOptions): Promise<boolean> {
    return cancelExecution(this.#run.host.core, executionId, options);
  }
}

/**
 * A context that has what the application adds, too. That is put on the prototype, once, and where both have a member of the
 * same name the engine's holds.
 */
export function contextWith<Of extends Run, Context extends RunContext<Of>>(
  Base: new (run: Of) => Context,
  added: object | undefined,
): new (
  run: Of,
) => Context {
  if (added === undefined) return Base;
  class ApplicationContext extends Base {}
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(added)))
    if (!(name in Base.prototype)) Object.defineProperty(ApplicationContext.prototype, name, member);
  return ApplicationContext;
}
