import type { ChildOptions, TaskReference } from '../task/task-context.ts';
import { checkpoint } from './checkpoint.ts';
import type { Execution } from './execution.ts';
import { invokeChild } from './invoke-child.ts';
import { RunContext } from './run-context.ts';
import { step } from './run-step.ts';
import { sleep } from './sleep.ts';
import { type AwaitedEvent, waitForEvent } from './wait-for-event.ts';

/** What a handler is given. All of it is asked of the execution, so that making one costs one small object. */
export class ExecutionContext extends RunContext {
  readonly #execution: Execution;

  constructor(execution: Execution) {
    super(execution);
    this.#execution = execution;
  }

  get executionId(): string {
    return String(this.#execution.id);
  }

  get attempt(): number {
    return this.#execution.attempt;
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
}
