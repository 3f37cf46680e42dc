import type { ConductorTypes, ReturnOf } from './conductor-types.ts';
import type { BatchContext, TaskContext } from './task-context.ts';
import type { TaskEvent } from './task-event.ts';
import type { BatchSetting } from './task-settings.ts';
import type { Triggers } from './trigger.ts';

/** Does the work of one execution. */
export type TaskHandler<Types extends ConductorTypes, Name extends string, Given extends Triggers<Types>> = (
  event: TaskEvent<Types, Name, Given>,
  ctx: TaskContext<Types> & Types['context'],
) => ReturnOf<Types, Name> | Promise<ReturnOf<Types, Name>>;

/**
 * Does the work of several executions at once. It returns nothing, or one result for each event, in the same order, where an
 * `Error` says that this one failed. What it throws, all of them have failed with.
 */
export type BatchHandler<Types extends ConductorTypes, Name extends string, Given extends Triggers<Types>> = (
  events: readonly TaskEvent<Types, Name, Given>[],
  ctx: BatchContext<Types> & Types['context'],
) => BatchResults<ReturnOf<Types, Name>> | Promise<BatchResults<ReturnOf<Types, Name>>>;

// biome-ignore lint/suspicious/noConfusingVoidType: what a function without `return` gives
type BatchResults<Result> = readonly (Result | Error)[] | void;

/** The handler of a task: of a batch, when its settings say so. */
export type HandlerOf<
  Types extends ConductorTypes,
  Name extends string,
  Given extends Triggers<Types>,
  Batch extends BatchSetting | undefined,
> = [Batch] extends [BatchSetting] ? BatchHandler<Types, Name, Given> : TaskHandler<Types, Name, Given>;
