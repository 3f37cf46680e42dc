import type { StandardSchema } from './standard-schema.ts';

/** A type without a schema behind it, made by {@link typed}. */
export interface Typed<T> extends StandardSchema<T> {}

const acceptAll: Typed<unknown> = Object.freeze({
  '~standard': Object.freeze({
    version: 1,
    vendor: 'throughline',
    validate: (value: unknown) => ({ value }),
  } as const),
});

/**
 * Says a type where a schema may stand, for the compiler alone: nothing is validated at run time.
 *
 * For payloads that only code of yours writes. Whatever comes from outside, or lives longer than a deployment, deserves a
 * schema.
 *
 * @example
 * ```ts
 * import { defineTask, typed } from '@throughline/pgconductor';
 *
 * const sendMail = defineTask({ name: 'send-mail', payload: typed<{ to: string }>(), returns: typed<number>() });
 * ```
 */
export function typed<T>(): Typed<T> {
  return acceptAll as Typed<T>;
}

/** The schema to validate with, if there is one: none for {@link typed}. */
export function schemaBehind<Schema extends StandardSchema>(schema: Schema | undefined): Schema | undefined {
  return (schema as unknown) === acceptAll ? undefined : schema;
}
