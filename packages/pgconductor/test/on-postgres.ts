import { type PostgresServer, startPostgres } from '@throughline/testkit';
import postgres from 'postgres';
import { afterAll, beforeAll, describe } from 'vitest';

/** What the tests of one version of PostgreSQL use. */
export interface TestPostgres {
  readonly url: string;
  readonly sql: postgres.Sql;
  /** A schema name that no other test uses. */
  freshSchema(): string;
}

const newestAndOldest = [18, 14] as const;

/** Runs a file's tests on the newest and on the oldest PostgreSQL that are supported, each a server of its own. */
export function onPostgres(
  name: string,
  tests: (use: TestPostgres) => void,
  versions: readonly (18 | 14)[] = newestAndOldest,
): void {
  describe.each(versions)(`${name}, PostgreSQL %i`, (version) => {
    let server: PostgresServer;
    let sql: postgres.Sql;
    let schemas = 0;
    beforeAll(async () => {
      server = await startPostgres({ version, own: true });
      sql = postgres(server.url, { max: 4, onnotice: () => {} });
    });
    afterAll(async () => {
      await sql.end();
      await server.stop();
    });
    tests({
      get url() {
        return server.url;
      },
      get sql() {
        return sql;
      },
      freshSchema() {
        schemas += 1;
        return `s${schemas} "quoted"`;
      },
    });
  });
}
