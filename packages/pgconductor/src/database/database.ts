import { demandOption, OptionInvalidError } from '@throughline/core';
import postgres from 'postgres';
import { quoteIdentifier } from './identifiers.ts';
import type { SqlPool } from './sql-client.ts';

/** How a database is reached. One of `connectionString` and `sql` is given. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:5432/database`. Connections of our own, at most ten, are opened when they are needed. */
  readonly connectionString?: string | undefined;
  /** A client of the `postgres` package that the application has already. It is left open by `close`. */
  readonly sql?: SqlPool | undefined;
  /** Schema that holds everything. Several may live in one database. @default 'pgconductor' */
  readonly schema?: string | undefined;
}

/** A database and the schema in it. */
export interface Database {
  readonly sql: SqlPool;
  /** As SQL text, quoted. */
  readonly schema: string;
  readonly schemaName: string;
  /** Whether `close` ends the client: it is one of ours. */
  readonly isOurs: boolean;
}

const maxSchemaBytes = 63;
/** The longest pause before a connection is made anew, in seconds. */
const longestBackoff = 1;

/**
 * Checks the options; connects to nothing yet.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  const { connectionString, sql, schema = 'pgconductor' } = options;
  const isOne = (connectionString === undefined) !== (sql === undefined);
  demandOption(isOne, `${path}.connectionString`, connectionString, 'either this or sql, and not both');
  demandOption(isSchemaName(schema), `${path}.schema`, schema, 'a text of 1 to 63 bytes without NUL');
  return {
    sql: sql === undefined ? connect(path, connectionString) : demandClient(path, sql),
    schema: quoteIdentifier(schema),
    schemaName: schema,
    isOurs: sql === undefined,
  };
}

function isSchemaName(name: unknown): boolean {
  if (typeof name !== 'string' || name === '' || name.includes('\0')) return false;
  return new TextEncoder().encode(name).length <= maxSchemaBytes;
}

function connect(path: string, connectionString: string | undefined): SqlPool {
  try {
    return postgres(demandAddress(connectionString), {
      max: 10,
      fetch_types: false,
      backoff: reconnectBackoff,
      onnotice: () => {},
    });
  } catch {
    // Without the cause: its message quotes the address, which holds a password.
    throw new OptionInvalidError(
      `${path}.connectionString`,
      'text',
      'an address like postgres://user:password@host:5432/database',
    );
  }
}

/** What the driver would take for another address, and look for the wrong host. */
function demandAddress(text: unknown): string {
  if (typeof text !== 'string' || !isAddress.test(text)) throw new TypeError('no address of PostgreSQL');
  return text;
}

/** An `@` behind the host is one behind a password with a slash or a hash in it, which is to be percent-encoded. */
const isAddress = /^postgres(ql)?:\/\/[^/?#]*(\/[^@?#]*)?(\?[^#]*)?$/i;

/** The driver's own grows to 20 s, within few failures when several connections fail: long after the database is back. */
function reconnectBackoff(retries: number): number {
  return Math.min(0.05 * 2 ** retries, longestBackoff) * (0.5 + Math.random() / 2);
}

function demandClient(path: string, sql: SqlPool): SqlPool {
  const isClient =
    typeof sql === 'function' &&
    typeof Reflect.get(sql, 'unsafe') === 'function' &&
    typeof Reflect.get(sql, 'options') === 'object';
  demandOption(isClient, `${path}.sql`, sql, "what `postgres(…)` of the package 'postgres' gave");
  return sql;
}
