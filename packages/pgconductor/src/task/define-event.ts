import { demandOptions } from '@throughline/core';
import { demandName } from '../options/demand-name.ts';
import { demandSchema } from './define-task.ts';
import type { StandardSchema } from './standard-schema.ts';
import { schemaBehind } from './typed.ts';

/** What {@link defineEvent} is told. */
export interface EventDefinitionOptions<Name extends string, Payload extends StandardSchema> {
  /** By which the event is emitted and subscribed to: 1 to 255 characters, without NUL. */
  readonly name: Name;
  /** Schema of the payload. An emission with another one is refused. @default any value that JSON can express */
  readonly payload?: Payload | undefined;
}

/** An event of the application, which tasks may be triggered by and may wait for. */
export interface EventDefinition<
  Name extends string = string,
  Payload extends StandardSchema = StandardSchema,
> {
  readonly name: Name;
  /** Absent when there is nothing to validate. */
  readonly payload: Payload | undefined;
}

/**
 * Names an event of the application, and says what it brings.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { defineEvent } from '@throughline/pgconductor';
 * import { z } from 'zod';
 *
 * export const userCreated = defineEvent({ name: 'user.created', payload: z.object({ id: z.string() }) });
 * ```
 */
export function defineEvent<const Name extends string, Payload extends StandardSchema = StandardSchema>(
  options: EventDefinitionOptions<Name, Payload>,
): EventDefinition<Name, Payload> {
  demandOptions('defineEvent', options, { name: true, payload: true });
  demandName('defineEvent.name', options.name);
  demandSchema('defineEvent.payload', options.payload);
  return Object.freeze({ name: options.name, payload: schemaBehind(options.payload) });
}
