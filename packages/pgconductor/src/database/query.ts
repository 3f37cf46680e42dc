import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseUnavailableError } from './database-unavailable-error.ts';
import { failureKind } from './failure-kind.ts';
import type { SqlClient } from './sql-client.ts';

/** One logical operation on the database. */
export interface Query {
  /** For people and metrics: `claim`. */
  readonly label: string;
  readonly text: string;
  /** Whether it does no harm twice, so that it may be sent again when it is not known what became of it. */
  readonly isRepeatable: boolean;
  /** How often it is sent again. @default 4 */
  readonly retries?: number | undefined;
  /** Told when it is over, whatever came of it. @default nobody is */
  readonly onDone?: QueryDone | undefined;
}

/** @param startedAt of `performance.now()` */
export type QueryDone = (label: string, startedAt: number, retries: number, error?: unknown) => void;

const firstPauseMs = 50;
const longestPauseMs = 5_000;

/** Called between two tries of the same query; may give the parameters of the next one. */
export type OnRetry = (error: unknown) => string[] | undefined;

/**
 * Sends one statement that answers with one row, and sends it again after failures that pass.
 *
 * @throws DatabaseUnavailableError `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE` when the database does not answer
 */
export async function query<Row>(
  sql: SqlClient,
  { label, text, isRepeatable, retries = 4, onDone }: Query,
  parameters: string[],
  onRetry?: OnRetry | undefined,
): Promise<Row> {
  const startedAt = onDone === undefined ? 0 : performance.now();
  for (let tries = 0; ; tries += 1) {
    try {
      const rows = await sql.unsafe(text, parameters, { prepare: true });
      onDone?.(label, startedAt, tries);
      return rows[0] as Row;
    } catch (error) {
      const kind = failureKind(error);
      const maySend = kind !== 'final' && (isRepeatable || kind !== 'unknown');
      if (!maySend || tries >= retries) {
        onDone?.(label, startedAt, tries, error);
        throw kind === 'final' ? error : new DatabaseUnavailableError(label, kind === 'unknown', error);
      }
      parameters = onRetry?.(error) ?? parameters;
      await delay(Math.min(firstPauseMs * 2 ** tries, longestPauseMs) * (0.5 + Math.random() / 2));
    }
  }
}
