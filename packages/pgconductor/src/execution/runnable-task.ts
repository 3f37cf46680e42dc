import type { Task } from '../task/create-task.ts';
import type { StandardSchema } from '../task/standard-schema.ts';
import { invokeEventName } from '../task/task-event.ts';

/** A task as the run path needs it: every question about its settings answered once. */
export interface RunnableTask {
  readonly task: Task;
  readonly name: string;
  readonly maxAttempts: number;
  /** Takes the event and the context of one execution. */
  readonly handler: (event: unknown, context: unknown) => unknown;
  /** Schemas, where there is something to validate. */
  readonly payload: StandardSchema | undefined;
  readonly returns: StandardSchema | undefined;
  readonly isGated: boolean;
  /** Whether no row is left behind by one that completed, or by one that failed or was cancelled. */
  readonly forgetsCompleted: boolean;
  readonly forgetsFailed: boolean;
  /** What `event.name` is where the row does not tell. */
  readonly eventName: string;
  readonly timeoutMs: number | undefined;
}

export function runnableTask(task: Task): RunnableTask {
  const { settings } = task;
  return {
    task,
    name: task.name,
    maxAttempts: settings.maxAttempts,
    handler: task.handler as (event: unknown, context: unknown) => unknown,
    payload: task.definition?.payload,
    returns: task.definition?.returns,
    isGated: settings.concurrency !== undefined || settings.window !== undefined,
    forgetsCompleted: settings.keepCompletedMs === 0,
    forgetsFailed: settings.keepFailedMs === 0,
    eventName: invokeEventName,
    timeoutMs: settings.timeoutMs,
  };
}
