import { demandOption, demandOptions } from '@throughline/core';
import { demandName } from '../options/demand-name.ts';
import { isStandardSchema, type StandardSchema } from './standard-schema.ts';
import { schemaBehind } from './typed.ts';

/** What {@link defineTask} is told. */
export interface TaskDefinitionOptions<
  Name extends string,
  Payload extends StandardSchema,
  Returns extends StandardSchema,
> {
  /** By which the task is invoked: 1 to 255 characters, without NUL; unique in a database schema. */
  readonly name: Name;
  /** Where its executions wait, and by which orchestrators choose their work. @default 'default' */
  readonly queue?: string | undefined;
  /**
   * Schema of the payload. An invocation with another one is refused; an execution whose stored payload no longer fits
   * fails for good. The payload is stored as it was given: the handler gets what the schema makes of it.
   *
   * @default any value that JSON can express
   */
  readonly payload?: Payload | undefined;
  /** Schema of what the handler returns. @default any value that JSON can express */
  readonly returns?: Returns | undefined;
}

/** A task as those know it who invoke it: no handler, so it can be shared by every process. */
export interface TaskDefinition<
  Name extends string = string,
  Payload extends StandardSchema = StandardSchema,
  Returns extends StandardSchema = StandardSchema,
> {
  readonly name: Name;
  readonly queue: string;
  /** Absent when there is nothing to validate. */
  readonly payload: Payload | undefined;
  /** Absent when there is nothing to validate. */
  readonly returns: Returns | undefined;
}

const known = { name: true, queue: true, payload: true, returns: true } as const;
const aSchema = 'a Standard Schema (zod, valibot, arktype …) or typed<T>()';

/**
 * Names a task, and says what it takes and what it gives. Whoever invokes it needs no more.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a value that cannot be meant, and for an option that does
 * not exist
 * @example
 * ```ts
 * import { defineTask } from '@throughline/pgconductor';
 * import { z } from 'zod';
 *
 * export const sendMail = defineTask({
 *   name: 'send-mail',
 *   queue: 'mail',
 *   payload: z.object({ to: z.email(), text: z.string() }),
 *   returns: z.object({ messageId: z.string() }),
 * });
 * ```
 * @see {@link https://standardschema.dev | Standard Schema}
 */
export function defineTask<
  const Name extends string,
  Payload extends StandardSchema = StandardSchema,
  Returns extends StandardSchema = StandardSchema,
>(options: TaskDefinitionOptions<Name, Payload, Returns>): TaskDefinition<Name, Payload, Returns> {
  demandOptions('defineTask', options, known);
  const { name, queue = 'default', payload, returns } = options;
  demandName('defineTask.name', name);
  demandName('defineTask.queue', queue);
  demandSchema('defineTask.payload', payload);
  demandSchema('defineTask.returns', returns);
  return Object.freeze({ name, queue, payload: schemaBehind(payload), returns: schemaBehind(returns) });
}

/** @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for what is neither a schema nor absent */
export function demandSchema(path: string, schema: unknown): void {
  demandOption(schema === undefined || isStandardSchema(schema), path, schema, aSchema);
}
