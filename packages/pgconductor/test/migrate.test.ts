import { expect, it } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { migrate, schemaVersion } from '../src/database/migrate.ts';
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
