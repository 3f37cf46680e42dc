import type { Database } from './database.ts';
import { quoteLiteral } from './identifiers.ts';
import { allMigrations } from './migrations/all-migrations.ts';
import type { Migration } from './migrations/migration.ts';
import type { SqlClient } from './sql-client.ts';

/** The newest migration this code knows: `0006-upkeep`. */
export const schemaVersion: string = allMigrations.at(-1)?.name ?? '';

/**
 * Brings the schema up to date: applies, in order, what `migration` does not list, in one transaction.
 *
 * Whoever comes first does it, the others wait for an advisory lock and find it done.
 *
 * @returns the names of those applied
 */
export async function migrate({ sql, schema, schemaName }: Database): Promise<readonly string[]> {
  const applied: string[] = [];
  await sql.begin(async (transaction) => {
    await transaction.unsafe(`select pg_advisory_xact_lock(hashtext('pgconductor.migrate'), hashtext($1))`, [
      schemaName,
    ]);
    await prepareSchema(transaction, schema, schemaName);
    for (const migration of await missing(transaction)) {
      await apply(transaction, migration, schema);
      applied.push(migration.name);
    }
  });
  return applied;
}

/** `create schema if not exists` asks for the right to create even when there is one. */
async function prepareSchema(sql: SqlClient, schema: string, schemaName: string): Promise<void> {
  const [found] = await sql.unsafe('select 1 from pg_namespace where nspname = $1', [schemaName]);
  if (found === undefined) await sql.unsafe(`create schema ${schema}`);
  await sql.unsafe(`set local search_path = ${schema}, pg_catalog`);
  const [table] = await sql.unsafe(`select to_regclass(${quoteLiteral(`${schema}.migration`)}) as name`);
  if (table?.name == null)
    await sql.unsafe(
      'create table migration (name text primary key, applied_at timestamptz not null default now())',
    );
}

async function missing(sql: SqlClient): Promise<readonly Migration[]> {
  const rows = await sql.unsafe('select name from migration');
  const done = new Set(rows.map((row) => row.name));
  return allMigrations.filter(({ name }) => !done.has(name));
}

async function apply(sql: SqlClient, { name, sql: text }: Migration, schema: string): Promise<void> {
  await sql.unsafe(text(schema));
  await sql.unsafe('insert into migration (name) values ($1)', [name]);
}
