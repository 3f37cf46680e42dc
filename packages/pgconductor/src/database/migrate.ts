import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './database.ts';
import { DatabaseUnavailableError } from './database-unavailable-error.ts';
import { isUnreachable } from './failure-kind.ts';
import { quoteLiteral } from './identifiers.ts';
import { allMigrations } from './migrations/all-migrations.ts';
import type { Migration } from './migrations/migration.ts';
import type { SqlClient } from './sql-client.ts';
import { type RemainingWorker, WorkersRemainError } from './workers-remain-error.ts';

/** The newest migration this code knows: `0006-upkeep`. */
export const schemaVersion: string = allMigrations.at(-1)?.name ?? '';

/** How {@link migrate} deals with workers of a version that cannot go on beside a breaking migration. */
export interface MigrateOptions {
  /** How long to wait for them to leave; milliseconds from 0. @default 60_000 */
  readonly waitMs?: number | undefined;
  /** Called when it begins to wait, and whenever fewer are left. */
  readonly onWaiting?: ((workers: readonly RemainingWorker[]) => void) | undefined;
  /** @default those of this version */
  readonly migrations?: readonly Migration[] | undefined;
}

/** What one try came to. */
type Attempt =
  | { readonly applied: readonly string[]; readonly remaining?: undefined }
  | { readonly migration: string; readonly remaining: readonly RemainingWorker[] };

const lookMs = 100;
/** Longer than two looks are apart, so that no worker comes back in between. */
const departureMs = 10_000;

/**
 * Brings the schema up to date: applies, in order, what `migration` does not list, in one transaction.
 *
 * Whoever comes first does it, the others wait for an advisory lock and find it done. Before a breaking migration all workers
 * are asked to leave, and new ones of their version are refused; it waits for them without the lock.
 *
 * @returns the names of those applied
 * @throws DatabaseUnavailableError `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE`
 * @throws WorkersRemainError `THROUGHLINE_PGCONDUCTOR_WORKERS_REMAIN` after `waitMs`
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<readonly string[]> {
  const { waitMs = 60_000, onWaiting, migrations = allMigrations } = options;
  const deadline = performance.now() + waitMs;
  let told = Number.POSITIVE_INFINITY;
  for (;;) {
    const attempt = await attemptMigration(database, migrations);
    if (attempt.remaining === undefined) return attempt.applied;
    if (performance.now() >= deadline) throw new WorkersRemainError(attempt.migration, attempt.remaining);
    if (attempt.remaining.length < told) onWaiting?.(attempt.remaining);
    told = attempt.remaining.length;
    await delay(lookMs);
  }
}

/**
 * Whether everything that this code knows has been applied, as far as `sql` may see it. Disturbs no transaction: `to_regclass`
 * would abort that of a role without rights on the schema, and a savepoint others of its statements that are sent meanwhile.
 */
export async function isMigrated(sql: SqlClient, { schema, schemaName }: Database): Promise<boolean> {
  const [table] = await sql.unsafe(
    `select pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select') as is_readable
    from pg_catalog.pg_namespace n join pg_catalog.pg_class c on c.relnamespace = n.oid
    where n.nspname = $1 and c.relname = 'migration'`,
    [schemaName],
  );
  if (table?.is_readable !== true) return false;
  return (await missing(sql, allMigrations, `${schema}.migration`)).length === 0;
}

async function attemptMigration(
  { sql, schema, schemaName }: Database,
  migrations: readonly Migration[],
): Promise<Attempt> {
  try {
    return (await sql.begin(async (transaction) => {
      const lock = `select pg_advisory_xact_lock(hashtext('pgconductor.migrate'), hashtext($1))`;
      await transaction.unsafe(lock, [schemaName]);
      await prepareSchema(transaction, schema, schemaName);
      return applyAll(transaction, await missing(transaction, migrations), schema);
    })) as Attempt;
  } catch (error) {
    throw isUnreachable(error) ? new DatabaseUnavailableError('migrate', false, error) : error;
  }
}

async function applyAll(sql: SqlClient, migrations: readonly Migration[], schema: string): Promise<Attempt> {
  const breaking = migrations.find(({ isBreaking }) => isBreaking);
  const remaining = breaking === undefined ? [] : await sendAway(sql);
  if (breaking !== undefined && remaining.length > 0) return { migration: breaking.name, remaining };
  for (const migration of migrations) await apply(sql, migration, schema);
  if (breaking !== undefined) await sql.unsafe('delete from departure');
  return { applied: migrations.map(({ name }) => name) };
}

/** Asks the living workers to leave, once each, and keeps others of their version from coming. */
async function sendAway(sql: SqlClient): Promise<readonly RemainingWorker[]> {
  const [table] = await sql.unsafe(`select to_regclass('departure') as name`);
  if (table?.name == null) return [];
  await sql.unsafe('delete from departure');
  await sql.unsafe(`insert into departure (until) values (clock() + milliseconds(${departureMs}))`);
  await sql.unsafe(`insert into signal (worker, kind, sent_at) select id, 'leave', clock() from worker w
    where until > clock() and sent_away_at is null`);
  await sql.unsafe(`select pg_notify(channel(), json_build_object('worker', id)::text) from worker
    where until > clock() and sent_away_at is null`);
  await sql.unsafe('update worker set sent_away_at = clock() where sent_away_at is null');
  const rows = await sql.unsafe(
    'select id, host, pid, schema_version from worker where until > clock() order by started_at',
  );
  return rows.map(({ id, host, pid, schema_version: version }) => ({
    id: String(id),
    host: String(host),
    pid: Number(pid),
    schemaVersion: String(version),
  }));
}

/** `create schema if not exists` asks for the right to create even when there is one. */
async function prepareSchema(sql: SqlClient, schema: string, schemaName: string): Promise<void> {
  const [found] = await sql.unsafe('select 1 from pg_namespace where nspname = $1', [schemaName]);
  if (found === undefined) await sql.unsafe(`create schema ${schema}`);
  await sql.unsafe(`set local search_path = ${schema}, pg_catalog`);
  const [table] = await sql.unsafe(`select to_regclass(${quoteLiteral(`${schema}.migration`)}) as name`);
  if (table?.name == null)
    await sql.unsafe(`create table migration (
      name text primary key, is_breaking boolean not null, applied_at timestamptz not null default now())`);
}

async function missing(
  sql: SqlClient,
  migrations: readonly Migration[],
  table = 'migration',
): Promise<readonly Migration[]> {
  const rows = await sql.unsafe(`select name from ${table}`);
  const done = new Set(rows.map((row) => row.name));
  return migrations.filter(({ name }) => !done.has(name));
}

async function apply(sql: SqlClient, migration: Migration, schema: string): Promise<void> {
  const { name, isBreaking = false, sql: text } = migration;
  await sql.unsafe(text(schema));
  await sql.unsafe('insert into migration (name, is_breaking) values ($1, $2::text::boolean)', [
    name,
    String(isBreaking),
  ]);
}
