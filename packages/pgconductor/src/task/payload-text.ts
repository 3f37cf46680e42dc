import { jsonText } from '../database/json-text.ts';
import { ValueUnstorableError } from '../database/value-unstorable-error.ts';
import { PayloadInvalidError } from './payload-invalid-error.ts';
import type { StandardSchema } from './standard-schema.ts';
import { validatePayload } from './validate-payload.ts';

/** Whose payload it is. */
interface PayloadOwner {
  readonly name: string;
  readonly payload: StandardSchema | undefined;
}

/**
 * A payload as JSON; that of `undefined` is `null`.
 *
 * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
 * @throws ValueUnstorableError `THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE`
 */
export async function payloadText(
  kind: 'task' | 'event',
  owner: PayloadOwner,
  payload: unknown,
  maxBytes: number,
): Promise<string> {
  const what = `The payload of ${kind} ${JSON.stringify(owner.name)}`;
  const { text, isReplaced } = jsonText(what, payload, maxBytes);
  if (isReplaced)
    throw new ValueUnstorableError(
      what,
      'has NUL or half of a surrogate pair in a text; PostgreSQL can keep neither',
    );
  if (owner.payload !== undefined)
    await demandFitting(kind, owner, payload === undefined ? undefined : JSON.parse(text));
  return text;
}

/**
 * @param stored the payload as the handler will find it: what JSON makes of it may no longer fit
 * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
 */
async function demandFitting(
  kind: 'task' | 'event',
  { name, payload: schema }: PayloadOwner,
  stored: unknown,
): Promise<void> {
  const validation = await validatePayload(schema, stored);
  if (!validation.isValid) throw new PayloadInvalidError(kind, name, validation.issues);
}
