import { demandOption } from '@throughline/core';
import type { ConductorTypes } from './conductor-types.ts';
import type { TaskDefinition } from './define-task.ts';
import { type AnyTrigger, type ResolvedTrigger, resolveTriggers } from './resolve-triggers.ts';
import type { HandlerOf } from './task-handler.ts';
import {
  type BatchSetting,
  type ResolvedTaskSettings,
  resolveTaskSettings,
  type TaskSettings,
} from './task-settings.ts';
import type { Triggers } from './trigger.ts';

/** A task with its handler, made by `conductor.createTask` and given to an orchestrator. */
export interface Task<Name extends string = string> {
  readonly name: Name;
  readonly queue: string;
  readonly settings: ResolvedTaskSettings;
  /** At least one, each with another `eventName`. */
  readonly triggers: readonly ResolvedTrigger[];
  /** What it takes and gives, where the conductor knows it. */
  readonly definition: TaskDefinition | undefined;
  /** Takes an event and a context, or a list of events and a context when `settings.batch` is set. */
  readonly handler: (event: never, context: never) => unknown;
}

/**
 * Makes a task: how it is executed, what starts it, and what it does. Everything is checked here, once.
 *
 * The handler's `event` is typed by the triggers, and told apart by `event.name`; what it returns by `returns` of the
 * definition of that name. With `batch` it takes a list of events.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a value that cannot be meant, and for a setting that does
 * not exist
 */
export type CreateTask<Types extends ConductorTypes = ConductorTypes> = <
  const Name extends string,
  const Given extends Triggers<Types>,
  const Batch extends BatchSetting | undefined = undefined,
>(
  settings: TaskSettings<Name, Batch>,
  triggers: Given,
  handler: HandlerOf<Types, Name, Given, Batch>,
) => Task<Name>;

/**
 * {@link CreateTask} for a conductor.
 *
 * @param definitions the tasks that the conductor knows
 */
export function createTask(
  definitions: readonly TaskDefinition[],
  settings: TaskSettings,
  triggers: AnyTrigger | readonly AnyTrigger[],
  handler: (event: never, context: never) => unknown,
): Task {
  const resolved = resolveTaskSettings(settings);
  const resolvedTriggers = resolveTriggers(triggers);
  demandOption(
    typeof handler === 'function',
    'createTask.handler',
    handler,
    'the function that does the work',
  );
  const definition = definitions.find(({ name }) => name === resolved.name);
  const queue = queueOf(resolved, definition);
  return Object.freeze({
    name: resolved.name,
    queue,
    settings: resolved,
    triggers: resolvedTriggers,
    definition,
    handler,
  });
}

/** Whoever invokes by the definition would put executions where no worker looks for them. */
function queueOf({ queue }: ResolvedTaskSettings, definition: TaskDefinition | undefined): string {
  const known = definition?.queue;
  const agree = queue === undefined || known === undefined || queue === known;
  demandOption(
    agree,
    'createTask.queue',
    queue,
    `that of the definition, ${JSON.stringify(known)}, or nothing`,
  );
  return queue ?? known ?? 'default';
}
