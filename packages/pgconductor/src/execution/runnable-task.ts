import type { Task } from '../task/create-task.ts';
import type { EventDefinition } from '../task/define-event.ts';
import type { StandardSchema } from '../task/standard-schema.ts';
import { invokeEventName } from '../task/task-event.ts';

/** A task as the run path needs it: every question about its settings answered once. */
export interface RunnableTask {
  readonly task: Task;
  readonly name: string;
  readonly maxAttempts: number;
  /** Takes the event and the context of one execution. */
  readonly handler: (event: unknown, context: unknown) => unknown;
  /** Schemas of what its events bring, by `event.name`; absent where there is nothing to validate. */
  readonly payloads: ReadonlyMap<string, StandardSchema> | undefined;
  readonly returns: StandardSchema | undefined;
  readonly isGated: boolean;
  /** Whether no row is left behind by one that completed, or by one that failed or was cancelled. */
  readonly forgetsCompleted: boolean;
  readonly forgetsFailed: boolean;
  /** What `event.name` is where the row does not tell. */
  readonly eventName: string;
  readonly timeoutMs: number | undefined;
  /** How many executions one call of the handler gets, and how long the first of them waits for others. */
  readonly batch: { readonly size: number; readonly timeoutMs: number } | undefined;
}

/** @param events that the conductor knows */
export function runnableTask(task: Task, events: readonly EventDefinition[]): RunnableTask {
  const { settings } = task;
  return {
    task,
    name: task.name,
    maxAttempts: settings.maxAttempts,
    handler: task.handler as (event: unknown, context: unknown) => unknown,
    payloads: payloadSchemas(task, events),
    returns: task.definition?.returns,
    isGated: settings.concurrency !== undefined || settings.window !== undefined,
    forgetsCompleted: settings.keepCompletedMs === 0,
    forgetsFailed: settings.keepFailedMs === 0,
    eventName: invokeEventName,
    timeoutMs: settings.timeoutMs,
    batch: settings.batch,
  };
}

/** Of a part of an event's payload the schema of the whole can say nothing. */
function payloadSchemas(
  { definition, triggers }: Task,
  events: readonly EventDefinition[],
): ReadonlyMap<string, StandardSchema> | undefined {
  const schemas = new Map<string, StandardSchema>();
  if (definition?.payload !== undefined) schemas.set(invokeEventName, definition.payload);
  for (const trigger of triggers) {
    if (trigger.kind !== 'event' || trigger.fields !== undefined) continue;
    const schema = events.find(({ name }) => name === trigger.eventName)?.payload;
    if (schema !== undefined) schemas.set(trigger.eventName, schema);
  }
  return schemas.size === 0 ? undefined : schemas;
}
