import { demandOption } from '@throughline/core';
import type { ConductorCore } from '../conductor/conductor-core.ts';
import { jsonText } from '../database/json-text.ts';
import { ValueUnstorableError } from '../database/value-unstorable-error.ts';
import { isPlainObject } from '../options/option-checks.ts';
import { PayloadInvalidError } from './payload-invalid-error.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { TaskReference } from './task-context.ts';
import { validatePayload } from './validate-payload.ts';

/** What is invoked. */
export interface InvokedTask {
  readonly name: string;
  readonly queue: string;
  readonly payload: StandardSchema | undefined;
}

/**
 * The task of that name, as the conductor knows it. One that was told of no tasks takes any name.
 *
 * @param path of the call: `invoke`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function invokedTask({ definitions }: ConductorCore, path: string, task: TaskReference): InvokedTask {
  demandOption(isPlainObject(task), `${path}.task`, task, 'a task, or { name }');
  const found = definitions.find(({ name }) => name === task.name);
  const isKnown = found !== undefined || definitions.length === 0;
  const names = definitions.map(({ name }) => name).join(', ');
  demandOption(isKnown, `${path}.task`, task.name, `one that the conductor was created with: ${names}`);
  return found ?? { name: task.name, queue: 'default', payload: undefined };
}

/**
 * A payload as JSON; that of `undefined` is `null`.
 *
 * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
 * @throws ValueUnstorableError `THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE`
 */
export async function payloadText(
  { maxPayloadBytes }: ConductorCore,
  of: Pick<InvokedTask, 'name' | 'payload'>,
  payload: unknown,
  kind: 'task' | 'event' = 'task',
): Promise<string> {
  const what = `The payload of ${kind} ${JSON.stringify(of.name)}`;
  const { text, isReplaced } = jsonText(what, payload, maxPayloadBytes);
  if (isReplaced)
    throw new ValueUnstorableError(
      what,
      'has NUL or half of a surrogate pair in a text; PostgreSQL can keep neither',
    );
  if (of.payload !== undefined)
    await demandFitting(kind, of, payload === undefined ? undefined : JSON.parse(text));
  return text;
}

/**
 * @param stored the payload as the handler will find it: what JSON makes of it may no longer fit
 * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
 */
async function demandFitting(
  kind: 'task' | 'event',
  { name, payload: schema }: Pick<InvokedTask, 'name' | 'payload'>,
  stored: unknown,
): Promise<void> {
  const validation = await validatePayload(schema, stored);
  if (!validation.isValid) throw new PayloadInvalidError(kind, name, validation.issues);
}
