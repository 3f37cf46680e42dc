import { isThroughlineError } from '@throughline/core';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { readStatus } from '../database/status.ts';
import type { RemainingWorker } from '../database/workers-remain-error.ts';
import { type CommandLine, readCommandLine, UsageError, usage } from './command-line.ts';
import { printable } from './printable.ts';
import { statusText } from './status-text.ts';

/** Where the command reads and writes. */
export interface CommandHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes a line of the result. */
  out(text: string): void;
  /** Writes a line for people. */
  err(text: string): void;
}

/** @returns the exit code: 0 done, 1 failed, 2 not understood */
export async function runCommand(args: readonly string[], host: CommandHost): Promise<number> {
  try {
    const line = readCommandLine(args, host.env);
    if (line.command === 'help') host.out(usage);
    else await withDatabase(line, (database) => run(line, database, host));
    return 0;
  } catch (error) {
    host.err(printable(problemOf(error)));
    if (error instanceof UsageError) host.err(`\n${usage}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function withDatabase(
  { url, schema }: CommandLine,
  work: (database: Database) => Promise<void>,
): Promise<void> {
  if (url === undefined) throw new UsageError('Say which database: --url, or POSTGRES_URL.');
  const database = openDatabase('pgconductor', { connectionString: url, schema });
  try {
    await work(database);
  } finally {
    await database.sql.end({ timeout: 1 });
  }
}

async function run(line: CommandLine, database: Database, host: CommandHost): Promise<void> {
  if (line.command === 'migrate') await runMigrate(line, database, host);
  else {
    const status = await readStatus(database);
    host.out(line.isJson ? JSON.stringify(status, null, 2) : statusText(status));
  }
}

async function runMigrate(
  { isJson, waitMs }: CommandLine,
  database: Database,
  host: CommandHost,
): Promise<void> {
  const applied = await migrate(database, {
    waitMs,
    onWaiting: (workers) => host.err(printable(waitingText(workers))),
  });
  const names = applied.length === 0 ? 'Nothing to do: the schema is up to date.' : applied.join('\n');
  host.out(isJson ? JSON.stringify({ applied }) : names);
}

function waitingText(workers: readonly RemainingWorker[]): string {
  const where = workers.map(({ host, pid }) => `process ${pid} on ${host}`);
  return `Waits for ${workers.length} ${workers.length === 1 ? 'worker' : 'workers'} to leave: ${where.join(', ')}`;
}

/** Messages of the driver name host and port, and no password. */
function problemOf(error: unknown): string {
  const { message, code, cause } = error as { message: string; code?: unknown; cause?: unknown };
  const because = cause instanceof Error && cause.message !== '' ? `\n  ${cause.message}` : '';
  const named = isThroughlineError(error) || typeof code === 'string' ? ` (${code})` : '';
  return `${message}${named}${because}`;
}
