import { describeError } from '@throughline/core';
import { issuesText } from './issues-text.ts';
import type { SchemaAnswer, StandardSchema } from './standard-schema.ts';

/** What became of a value: what the schema made of it, or what is wrong with it. */
export type Validation<Output> =
  | { readonly isValid: true; readonly value: Output }
  | {
      readonly isValid: false;
      /** What is wrong, in one line of at most 1,000 characters that quotes nothing of the value. */
      readonly issues: string;
    };

/**
 * Validates a payload or a result, at once with a schema that answers at once.
 *
 * Total: a schema that throws or rejects gives an invalid value whose issues tell the type of the error, not its
 * message, which may quote the payload.
 *
 * What is stored is the value as it was given, and it is validated again when it runs: give the form it has after JSON,
 * or a `Date` that is valid here will not be there.
 *
 * @param schema absent for a value of any kind
 * @example
 * ```ts
 * import { defineTask, validatePayload } from '@throughline/pgconductor';
 * import { z } from 'zod';
 *
 * const greet = defineTask({ name: 'greet', payload: z.object({ name: z.string() }) });
 * const validation = await validatePayload(greet.payload, { name: 5 });
 * if (!validation.isValid) console.log(validation.issues); // name: Invalid input: expected string, received number
 * ```
 */
export function validatePayload<Output>(
  schema: StandardSchema<unknown, Output> | undefined,
  value: unknown,
): Validation<Output> | Promise<Validation<Output>> {
  if (schema === undefined) return { isValid: true, value: value as Output };
  try {
    const answer = schema['~standard'].validate(value);
    if ('then' in answer) return answer.then((late) => readAnswer(late, value)).catch(refuse);
    return readAnswer(answer, value);
  } catch (error) {
    return refuse(error);
  }
}

function readAnswer<Output>(answer: SchemaAnswer<Output>, value: unknown): Validation<Output> {
  if (answer.issues === undefined) return { isValid: true, value: answer.value };
  return { isValid: false, issues: issuesText(answer.issues, value) };
}

function refuse(error: unknown): Validation<never> {
  return { isValid: false, issues: `the schema failed with ${describeError(error, { maxCauses: 0 }).type}` };
}
