/**
 * A schema of any library that follows the Standard Schema specification: zod, valibot, arktype and others, or one made
 * by hand. Declared here by its shape, so that no library comes along.
 *
 * `Input` is what may be given, `Output` what the schema makes of it.
 *
 * @see {@link https://standardschema.dev | Standard Schema, version 1}
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    /** Of the specification. */
    readonly version: 1;
    /** The library. */
    readonly vendor: string;
    /** Answers at once or by a promise, and does not throw. */
    readonly validate: (value: unknown) => SchemaAnswer<Output> | Promise<SchemaAnswer<Output>>;
    /** Exists for the compiler alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: the value it made of it, or what is wrong. */
export type SchemaAnswer<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  /** From the outermost key to the innermost; a segment is a key or an object that holds one. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What may be given to a schema. */
export type SchemaInput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['input'];

/** What a schema makes of it. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output'];

/** Whether `value` has the shape of a schema of version 1. Some libraries make their schemas functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  const isOwner = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const standard: unknown = isOwner ? Reflect.get(value, '~standard') : undefined;
  if (typeof standard !== 'object' || standard === null) return false;
  return Reflect.get(standard, 'version') === 1 && typeof Reflect.get(standard, 'validate') === 'function';
}
