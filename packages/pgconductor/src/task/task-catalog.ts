import { demandOption, OptionInvalidError } from '@throughline/core';
import { demandName } from '../options/demand-name.ts';
import { isPlainObject } from '../options/option-checks.ts';
import type { EventDefinition } from './define-event.ts';
import type { TaskDefinition } from './define-task.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { TaskReference } from './task-context.ts';

/** The tasks and events that a conductor was told of. One that was told of none of a kind takes any name of it. */
export interface TaskCatalog {
  readonly definitions: readonly TaskDefinition[];
  readonly events: readonly EventDefinition[];
}

/** What is invoked. */
export interface InvokedTask {
  readonly name: string;
  readonly queue: string;
  readonly payload: StandardSchema | undefined;
}

/**
 * The task of that name.
 *
 * @param path of the call: `invoke`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function invokedTask({ definitions }: TaskCatalog, path: string, task: TaskReference): InvokedTask {
  demandOption(isPlainObject(task), `${path}.task`, task, 'a task, or { name }');
  demandName(`${path}.task.name`, task.name);
  const found = knownBy(definitions, `${path}.task`, task.name);
  return found ?? { name: task.name, queue: 'default', payload: undefined };
}

/**
 * The event of that name; `undefined` where any name goes.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function emittedEvent({ events }: TaskCatalog, event: string): EventDefinition | undefined {
  return knownBy(events, 'emit.event', event);
}

function knownBy<Known extends { readonly name: string }>(
  known: readonly Known[],
  path: string,
  wanted: string,
): Known | undefined {
  const found = known.find(({ name }) => name === wanted);
  if (found !== undefined || known.length === 0) return found;
  const names = known.map(({ name }) => name).join(', ');
  throw new OptionInvalidError(path, wanted, `one that the conductor was created with: ${names}`);
}
