/**
 * The type of a value after it was written as JSON and read again: a `Date` is a string then, functions and symbols are
 * gone.
 *
 * @example
 * ```ts
 * import type { Stored } from '@throughline/pgconductor';
 *
 * const order: Stored<{ placed: Date; lines: number[] }> = { placed: '2026-01-31T12:00:00.000Z', lines: [1] };
 * ```
 */
export type Stored<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends { toJSON(...unused: never): infer Json }
      ? Stored<Json>
      : T extends bigint | symbol | ((...unused: never) => unknown)
        ? never
        : T extends readonly unknown[]
          ? { [Index in keyof T]: Stored<T[Index]> }
          : T extends object
            ? { [Key in keyof T as Key extends symbol ? never : KeptKey<T, Key>]: Stored<T[Key]> }
            : undefined; // void

type KeptKey<T, Key extends keyof T> = T[Key] extends symbol | ((...unused: never) => unknown) ? never : Key;
