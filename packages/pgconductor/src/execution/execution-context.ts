import type { TraceContext } from '@throughline/core';
import { cancelExecution } from '../conductor/cancel-execution.ts';
import { emitEvent } from '../conductor/emit.ts';
import type { Logger } from '../task/logger.ts';
import type { CancelOptions, ChildOptions, ScheduleOptions, TaskReference } from '../task/task-context.ts';
import { scheduleTask, unscheduleTask } from '../triggers/schedule-task.ts';
import { checkpoint } from './checkpoint.ts';
import type { Execution } from './execution.ts';
import { invokeChild } from './invoke-child.ts';
import { step } from './run-step.ts';
import { sleep } from './sleep.ts';
import { type AwaitedEvent, waitForEvent } from './wait-for-event.ts';

/** What a handler is given. All of it is asked of the execution, so that making one costs one small object. */
export class ExecutionContext {
  readonly #execution: Execution;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  get executionId(): string {
    return String(this.#execution.id);
  }

  get attempt(): number {
    return this.#execution.attempt;
  }

  get signal(): AbortSignal {
    return this.#execution.signal;
  }

  get logger(): Logger {
    return this.#execution.logger;
  }

  get trace(): TraceContext {
    return this.#execution.trace;
  }

  step(name: string, work: () => unknown): Promise<unknown> {
    return step(this.#execution, name, work);
  }

  sleep(name: string, until: number | Date): Promise<void> {
    return sleep(this.#execution, name, until);
  }

  checkpoint(): Promise<void> {
    return checkpoint(this.#execution);
  }

  invoke(name: string, task: TaskReference, payload?: unknown, options?: ChildOptions): Promise<unknown> {
    return invokeChild(this.#execution, name, task, payload, options);
  }

  waitForEvent(name: string, awaited: AwaitedEvent): Promise<unknown> {
    return waitForEvent(this.#execution, name, awaited);
  }

  async emit(event: string, payload?: unknown): Promise<void> {
    await emitEvent(this.#execution.host.core, { event, payload }, undefined);
  }

  schedule(task: TaskReference, schedule: ScheduleOptions, payload?: unknown): Promise<void> {
    return scheduleTask(this.#execution.host.core, task, schedule, payload);
  }

  unschedule(task: TaskReference, schedule: string): Promise<boolean> {
    return unscheduleTask(this.#execution.host.core, task, schedule);
  }

  cancel(executionId: string, options?: CancelOptions): Promise<boolean> {
    return cancelExecution(this.#execution.host.core, executionId, options);
  }
}

/**
 * A context that has what the application adds, too. That is put on the prototype, once, and where both have a member of the
 * same name the engine's holds.
 */
export function contextWith(added: object | undefined): new (execution: Execution) => ExecutionContext {
  if (added === undefined) return ExecutionContext;
  class ApplicationContext extends ExecutionContext {}
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(added)))
    if (!(name in ExecutionContext.prototype))
      Object.defineProperty(ApplicationContext.prototype, name, member);
  return ApplicationContext;
}
