import type { Database } from './database.ts';
import { DatabaseUnavailableError } from './database-unavailable-error.ts';
import { isSchemaMissing, isUnreachable } from './failure-kind.ts';
import { allMigrations } from './migrations/all-migrations.ts';
import { SchemaMissingError } from './schema-missing-error.ts';

/** The state of a schema. Durations in milliseconds, moments in milliseconds since the epoch, by the database's clock. */
export interface Status {
  readonly now: number;
  readonly migrations: readonly { readonly name: string; readonly appliedAt: number }[];
  /** Migrations of this version that have not been applied. */
  readonly pendingMigrations: readonly string[];
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

/** What waits and runs in a queue. */
export interface QueueStatus {
  readonly queue: string;
  /** How many executions there are in each state. */
  readonly states: Readonly<Record<string, number>>;
  /** How long the oldest one has been ready; `null` when none is. */
  readonly oldestReadyMs: number | null;
}

/** A worker that is registered. */
export interface WorkerStatus {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly queues: readonly string[];
  readonly schemaVersion: string;
  readonly startedAt: number;
  /** Until its leases end without a sign of life; negative for one that is gone. */
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

/**
 * Reads the state of a schema, and changes nothing.
 *
 * @throws DatabaseUnavailableError `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE`
 * @throws SchemaMissingError `THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING`
 */
export async function readStatus({ sql, schema, schemaName }: Database): Promise<Status> {
  try {
    const [row] = await sql.unsafe(`select ${schema}.status() as status`);
    const status = JSON.parse(String(row?.status)) as Omit<Status, 'pendingMigrations'>;
    const applied = new Set(status.migrations.map(({ name }) => name));
    const pending = allMigrations.map(({ name }) => name).filter((name) => !applied.has(name));
    return { ...status, pendingMigrations: pending };
  } catch (error) {
    if (isUnreachable(error)) throw new DatabaseUnavailableError('status', false, error);
    if (isSchemaMissing(error)) throw new SchemaMissingError(schemaName, error);
    throw error;
  }
}
