import { demandOption } from '@throughline/core';

/**
 * What is needed of a `postgres` client or of a transaction of it: `sql`, or the `tx` of `sql.begin`. Declared by its
 * shape, so that declarations of this package name no type of another.
 */
export interface SqlClient {
  /** Sends `query` with `parameters` for `$1`, `$2` …; the rows come as objects. */
  unsafe(
    query: string,
    parameters?: string[] | undefined,
    options?: { prepare?: boolean | undefined } | undefined,
  ): PromiseLike<readonly Readonly<Record<string, unknown>>[]>;
}

/** What is needed of a client that is no transaction. */
export interface SqlPool extends SqlClient {
  /** As the client has resolved them: where the database is. */
  readonly options: object;
  begin<T>(work: (transaction: SqlClient) => Promise<T>): Promise<unknown>;
  end(options?: { timeout?: number | undefined } | undefined): Promise<void>;
}

/**
 * Refuses what is neither a client nor a transaction.
 *
 * @param path of the option: `invoke.sql`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function demandSqlClient(path: string, sql: unknown): void {
  const isOne = isObject(sql) && typeof Reflect.get(sql, 'unsafe') === 'function';
  demandOption(isOne, path, sql, "the `tx` of `sql.begin`, of the package 'postgres'");
}

function isObject(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/** Whether it is a client rather than a transaction. */
export function isPool(sql: SqlClient): sql is SqlPool {
  return 'begin' in sql;
}
