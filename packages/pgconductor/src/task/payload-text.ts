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

type PayloadKind = 'task' | 'event';

/**
 * A payload as JSON, which fits the schema of its owner; that of `undefined` is `null`.
 *
 * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
 * @throws ValueUnstorableError `THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE`
 */
export async function payloadText(
  kind: PayloadKind,
  owner: PayloadOwner,
  payload: unknown,
  maxBytes: number,
): Promise<string> {
  const text = writePayload(kind, owner, payload, maxBytes);
  if (owner.payload !== undefined)
    await demandFitting(kind, owner, payload === undefined ? undefined : JSON.parse(text));
  return text;
}

/**
 * A payload as JSON, as it is at the moment; that of `undefined` is `null`.
 *
 * @throws ValueUnstorableError `THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE`
 */
export function writePayload(
  kind: PayloadKind,
  { name }: PayloadOwner,
  payload: unknown,
  maxBytes: number,
): string {
  const what = `The payload of ${kind} ${JSON.stringify(name)}`;
  const { text, isReplaced } = jsonText(what, payload, maxBytes);
  if (isReplaced)
    throw new ValueUnstorableError(
      what,
      'has NUL or half of a surrogate pair in a text; PostgreSQL can keep neither',
    );
  return text;
}

/**
 * @param stored the payload as the handler will find it: what JSON makes of it may no longer fit
 * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
 */
export async function demandFitting(
  kind: PayloadKind,
  { name, payload: schema }: PayloadOwner,
  stored: unknown,
): Promise<void> {
  const validation = await validatePayload(schema, stored);
  if (!validation.isValid) throw new PayloadInvalidError(kind, name, validation.issues);
}
