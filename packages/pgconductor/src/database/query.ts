import { DatabaseUnavailableError } from './database-unavailable-error.ts';
import { failureKind, isClosed, isSchemaMissing } from './failure-kind.ts';
import { NoAnswerError } from './no-answer-error.ts';
import { SchemaMissingError } from './schema-missing-error.ts';
import { isPool, type SqlClient } from './sql-client.ts';
import { within } from './within.ts';

/** One logical operation on the database. */
export interface Query {
  /** For people and metrics: `claim`. */
  readonly label: string;
  readonly text: string;
  /** Of the function that it calls, for people. */
  readonly schema: string;
  /** Whether it does no harm twice, so that it may be sent again when it is not known what became of it. */
  readonly isRepeatable: boolean;
  /** How often it is sent again. @default 4 */
  readonly retries?: number | undefined;
  /** How long to wait for its first answer; twice as long for each further one. Milliseconds. @default 10_000 */
  readonly patienceMs?: number | undefined;
  /** Told when it is over, whatever came of it. @default nobody is */
  readonly onDone?: QueryDone | undefined;
}

/** @param startedAt of `performance.now()` */
export type QueryDone = (label: string, startedAt: number, retries: number, error?: unknown) => void;

const firstPauseMs = 50;
const longestPauseMs = 5_000;
const defaultPatienceMs = 10_000;
const longestPatienceMs = 300_000;

/** Called between two tries of the same query; may give the parameters of the next one. */
export type OnRetry = (error: unknown) => string[] | undefined;

/**
 * Sends one statement that answers with one row, and sends it again after failures that pass. In a transaction of the caller
 * it is sent once and waited for: what failed there has failed the transaction, whose errors are the caller's.
 *
 * @throws DatabaseUnavailableError `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE` when the database does not answer
 * @throws SchemaMissingError `THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING`
 */
export async function query<Row>(
  sql: SqlClient,
  { label, text, schema, isRepeatable, retries = 4, patienceMs = defaultPatienceMs, onDone }: Query,
  parameters: string[],
  onRetry?: OnRetry | undefined,
): Promise<Row> {
  const isOwn = isPool(sql);
  const startedAt = onDone === undefined ? 0 : performance.now();
  for (let tries = 0; ; tries += 1) {
    try {
      const sent = sql.unsafe(text, parameters, { prepare: true });
      // A connection whose other end is gone says nothing for a quarter of an hour, and the driver forgets a statement that it is
      // given in the moment in which its connection breaks.
      const rows = await (isOwn ? within(Math.min(patienceMs * 2 ** tries, longestPatienceMs), sent) : sent);
      const [row] = rows;
      if (row === undefined) throw new NoAnswerError('The client answered with nothing.');
      onDone?.(label, startedAt, tries);
      return row as Row;
    } catch (error) {
      const kind = failureKind(error);
      const maySend = isOwn && kind !== 'final' && (isRepeatable || kind !== 'unknown');
      if (!maySend || tries >= retries) {
        onDone?.(label, startedAt, tries, error);
        throw namedError(error, label, schema, isOwn);
      }
      parameters = onRetry?.(error) ?? parameters;
      await passed(Math.min(firstPauseMs * 2 ** tries, longestPauseMs) * (0.5 + Math.random() / 2));
    }
  }
}

function namedError(error: unknown, label: string, schema: string, isOwn: boolean): unknown {
  if (isSchemaMissing(error)) return new SchemaMissingError(schema, error);
  if (isClosed(error)) return new DatabaseUnavailableError(label, false, error);
  const kind = failureKind(error);
  if (kind === 'final' || (kind === 'undone' && !isOwn)) return error;
  return new DatabaseUnavailableError(label, kind === 'unknown', error);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
