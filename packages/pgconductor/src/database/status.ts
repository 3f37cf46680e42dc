import type { Database } from './database.ts';
import { query } from './query.ts';
import { SchemaMissingError, type SchemaRemains } from './schema-missing-error.ts';
import { type AppliedMigration, type SchemaVersion, schemaVersionOf } from './schema-version.ts';

/** The state of a schema. Durations in milliseconds, moments in milliseconds since the epoch, by the database's clock. */
export interface Status extends SchemaVersion {
  readonly now: number;
  readonly schema: string;
  readonly migrations: readonly AppliedMigration[];
  readonly queues: readonly QueueStatus[];
  readonly workers: readonly WorkerStatus[];
  /** By task, most first. */
  readonly failedLastDay: readonly {
    readonly task: string;
    readonly count: number;
    readonly lastError: string | null;
  }[];
  readonly schedules: readonly ScheduleStatus[];
}

/** What waits and runs in a queue, and failed there: of every queue that has anything of that, or a task. */
export interface QueueStatus {
  readonly queue: string;
  /** How many executions there are in each state. */
  readonly states: Readonly<Record<string, number>>;
  /** How long the oldest one has been ready; `null` when none is. */
  readonly oldestReadyMs: number | null;
  /** How many have failed for good, of those that are still kept. */
  readonly failedLastDay: number;
}

/** A worker that is registered. */
export interface WorkerStatus {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly queues: readonly string[];
  readonly schemaVersion: string;
  readonly startedAt: number;
  /** Since it told that it lives, which it does every quarter of its `leaseMs`. */
  readonly lastSeenMs: number;
  /** Whether that was missing for so long that it has been killed, frozen or cut off, in all likelihood. */
  readonly isSilent: boolean;
  /** Until others take over what it holds, without a sign of life; negative for one that is gone. */
  readonly aliveForMs: number;
  readonly leases: number;
  /** Executions that it holds. */
  readonly running: number;
}

/** A schedule. */
export interface ScheduleStatus {
  readonly task: string;
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  /** Whether a program has it as a trigger; the others were made at run time. */
  readonly isStatic: boolean;
  /** `null` for never, and until it has been reckoned. */
  readonly nextAt: number | null;
  readonly ticks: number;
  /** How long its next tick is overdue. */
  readonly lateMs: number | null;
  /** How late its last tick was. */
  readonly lastLagMs: number | null;
}

type StatusRow = Omit<Status, 'schema' | keyof SchemaVersion>;

/** It looks at every execution that is not over, which are millions at times. */
const patienceMs = 60_000;

/**
 * Reads the state of a schema, and changes nothing.
 *
 * @throws DatabaseUnavailableError `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE`
 * @throws SchemaMissingError `THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING`
 */
export async function readStatus(database: Database): Promise<Status> {
  try {
    const text = await ask<string>(database, `${database.schema}.status()`);
    const status = JSON.parse(text) as StatusRow;
    return { schema: database.schemaName, ...schemaVersionOf(status.migrations), ...status };
  } catch (error) {
    throw error instanceof SchemaMissingError ? await withRemains(database, error) : error;
  }
}

/** @throws DatabaseUnavailableError, SchemaMissingError */
export async function readSchemaVersion(database: Database): Promise<SchemaVersion> {
  const rows = `(select json_agg(json_build_object('name', name, 'isBreaking', is_breaking) order by name collate "C")
    from ${database.schema}.migration)::text`;
  return schemaVersionOf(JSON.parse(await ask<string>(database, rows)) as AppliedMigration[]);
}

async function withRemains(database: Database, error: SchemaMissingError): Promise<SchemaMissingError> {
  const remains = await ask<SchemaRemains>(
    database,
    `case when to_regclass($1 || '.migration') is not null then 'behind'
      when to_regnamespace($1) is not null then 'empty' else 'none' end`,
    database.schema,
  );
  return new SchemaMissingError(database.schemaName, error.cause, remains);
}

async function ask<Answer>(
  { sql, schemaName }: Database,
  expression: string,
  ...parameters: string[]
): Promise<Answer> {
  const text = `select ${expression} as answer`;
  const asked = { label: 'status', text, schema: schemaName, isRepeatable: true, retries: 0, patienceMs };
  return (await query<{ readonly answer: Answer }>(sql, asked, parameters)).answer;
}
