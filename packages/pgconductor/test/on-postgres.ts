import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, inject } from 'vitest';

/** What the tests of one version of PostgreSQL use. */
export interface TestPostgres {
  /** Of a database that no other test uses; what the cluster has one of, such as roles, is shared. */
  readonly url: string;
  readonly sql: postgres.Sql;
  /** For the conductors of the tests, one after the other, made as they make their own: connecting costs much of a short test. */
  readonly pool: postgres.Sql;
  /** A schema name that no other test uses. */
  freshSchema(): string;
}

type Version = 18 | 14;

const newestAndOldest = [18, 14] as const;
const shared = { 18: 'postgres18Url', 14: 'postgres14Url' } as const;

/** Runs tests on the newest and on the oldest PostgreSQL that are supported, each time in a database of their own. */
export function onPostgres(
  name: string,
  tests: (use: TestPostgres) => void,
  versions: readonly Version[] = newestAndOldest,
): void {
  describe.each(versions)(`${name}, PostgreSQL %i`, (version) => {
    const database = `test_${randomUUID()}`;
    let schemas = 0;
    let url: string;
    let sql: postgres.Sql;
    let pool: postgres.Sql;
    beforeAll(async () => {
      await asAdministrator(version, (admin) => admin`create database ${admin(database)}`);
      url = new URL(`/${database}`, inject(shared[version])).href;
      sql = postgres(url, { max: 4, onnotice: () => {} });
      pool = postgres(url, { max: 10, fetch_types: false, onnotice: () => {} });
    });
    afterAll(async () => {
      // The driver waits for ever for an answer that was on its way when a connection broke.
      await pool.end({ timeout: 1 });
      await sql.end();
      await asAdministrator(version, (admin) => admin`drop database ${admin(database)} with (force)`);
    });
    tests({
      get url() {
        return url;
      },
      get sql() {
        return sql;
      },
      get pool() {
        return pool;
      },
      freshSchema() {
        schemas += 1;
        return `s${schemas} "quoted"`;
      },
    });
  });
}

async function asAdministrator(
  version: Version,
  work: (admin: postgres.Sql) => Promise<unknown>,
): Promise<void> {
  const admin = postgres(inject(shared[version]), { max: 1, onnotice: () => {} });
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
