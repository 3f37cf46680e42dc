import type { ChildOptions, TaskReference } from '../task/task-context.ts';
import { checkpoint } from './checkpoint.ts';
import type { Execution } from './execution.ts';
import { invokeChild } from './invoke-child.ts';
import { RunContext } from './run-context.ts';
import { step } from './run-step.ts';
import { sleep } from './sleep.ts';
import { type AwaitedEvent, waitForEvent } from './wait-for-event.ts';

/** What a handler is given. All of it is asked of the execution, so that making one costs one small object. */
export class ExecutionContext extends RunContext<Execution> {
  get executionId(): string {
    return String(RunContext.runOf(this).id);
  }

  get attempt(): number {
    return RunContext.runOf(this).attempt;
  }

  step(name: string, work: () => unknown): Promise<unknown> {
    return step(RunContext.runOf(this), name, work);
  }

  sleep(name: string, until: number | Date): Promise<void> {
    return sleep(RunContext.runOf(this), name, until);
  }

  checkpoint(): Promise<void> {
    return checkpoint(RunContext.runOf(this));
  }

  invoke(name: string, task: TaskReference, payload?: unknown, options?: ChildOptions): Promise<unknown> {
    return invokeChild(RunContext.runOf(this), name, task, payload, options);
  }

  waitForEvent(name: string, awaited: AwaitedEvent): Promise<unknown> {
    return waitForEvent(RunContext.runOf(this), name, awaited);
  }
}
