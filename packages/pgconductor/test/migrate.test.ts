import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { isMigrated, migrate, schemaVersion } from '../src/database/migrate.ts';
import { onPostgres } from './on-postgres.ts';

onPostgres('migrate', (use) => {
  it('applies every migration once', async () => {
    const database = openDatabase('test', { sql: use.sql, schema: use.freshSchema() });
    expect((await migrate(database)).at(-1)).toBe(schemaVersion);
    expect(await migrate(database)).toEqual([]);
  });

  it('is done by one of those who come at once', async () => {
    const database = openDatabase('test', { sql: use.sql, schema: use.freshSchema() });
    const applied = await Promise.all([migrate(database), migrate(database), migrate(database)]);
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  });
});

onPostgres('whether a schema is migrated', (use) => {
  it('is known to a transaction', async () => {
    const database = openDatabase('test', { sql: use.sql, schema: use.freshSchema() });
    const asked = () => use.sql.begin((tx) => isMigrated(tx, database));
    expect(await asked()).toBe(false);
    await migrate(database);
    expect(await asked()).toBe(true);
  });

  it.each([
    ['table that tells it', true],
    ['schema', false],
  ])('is asked without harm to the transaction of a role without rights on the %s', async (_what, mayUse) => {
    const { sql } = use;
    const schema = use.freshSchema();
    const database = openDatabase('test', { sql, schema });
    await migrate(database);
    const role = sql(`stranger_${use.url.slice(-12)}`);
    await sql`create role ${role}`;
    onTestFinished(async () => {
      await sql`drop owned by ${role}`;
      await sql`drop role ${role}`;
    });
    if (mayUse) await sql`grant usage on schema ${sql(schema)} to ${role}`;
    const seen = await sql.begin(async (tx) => {
      await tx`set local role ${role}`;
      const answer = await isMigrated(tx, database);
      return [answer, await tx`select 'it goes on' as word`];
    });
    expect(seen).toEqual([false, [{ word: 'it goes on' }]]);
  });
});
