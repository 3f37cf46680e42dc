import { OptionInvalidError } from '@throughline/core';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { SchemaMissingError } from '../database/schema-missing-error.ts';
import type { SchemaVersion } from '../database/schema-version.ts';
import { readSchemaVersion, readStatus } from '../database/status.ts';
import type { RemainingWorker } from '../database/workers-remain-error.ts';
import { type CommandLine, readCommandLine, UsageError } from './command-line.ts';
import { packageVersion } from './package-version.ts';
import { printable } from './printable.ts';
import { problemText } from './problem-text.ts';
import { statusText } from './status-text.ts';
import { usage } from './usage.ts';
import { versionText } from './version-text.ts';

/** Where the command reads and writes. */
export interface CommandHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes a line of the result. */
  out(text: string): void;
  /** Writes a line for people. */
  err(text: string): void;
}

const done = 0;
const failed = 1;
const notUnderstood = 2;
const schemaDoesNotFit = 3;

/** @returns the exit code, as the help lists them */
export async function runCommand(args: readonly string[], host: CommandHost): Promise<number> {
  try {
    const line = readCommandLine(args, host.env);
    if (!('about' in line)) return await withDatabase(line, (database) => run(line, database, host));
    host.out(line.command === 'help' ? usage(line.about) : packageVersion);
    return done;
  } catch (error) {
    host.err(printable(problemText(error)));
    if (error instanceof UsageError) host.err(`\n${usage(error.about)}`);
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return notUnderstood;
  return error instanceof SchemaMissingError ? schemaDoesNotFit : failed;
}

async function withDatabase(
  line: CommandLine,
  work: (database: Database) => Promise<number>,
): Promise<number> {
  const database = open(line);
  try {
    return await work(database);
  } finally {
    await database.sql.end({ timeout: 1 });
  }
}

/** What is wrong with an address is told without it: it holds a password. */
function open({ command, url, urlSource, schema }: CommandLine): Database {
  if (url === undefined)
    throw new UsageError('Say which database: --url, or POSTGRES_URL in the environment.', command);
  try {
    return openDatabase('pgconductor', { connectionString: url, schema });
  } catch (error) {
    if (!(error instanceof OptionInvalidError)) throw error;
    const isSchema = error.option === 'pgconductor.schema';
    throw new UsageError(
      isSchema
        ? '--schema takes a text of 1 to 63 bytes.'
        : `${urlSource} is no address of PostgreSQL: give one like postgres://user:password@host:5432/database, with @ / ? # and % in user and password percent-encoded (%40 %2F %3F %23 %25).`,
      command,
    );
  }
}

async function run(line: CommandLine, database: Database, host: CommandHost): Promise<number> {
  if (line.command === 'migrate') return runMigrate(line, database, host);
  const status = await readStatus(database);
  host.out(line.isJson ? JSON.stringify(status, null, 2) : statusText(status));
  return fits(status);
}

async function runMigrate(
  { isJson, waitMs }: CommandLine,
  database: Database,
  host: CommandHost,
): Promise<number> {
  const applied = await migrate(database, {
    waitMs,
    onWaiting: (workers) => host.err(printable(waitingText(workers))),
  });
  const version = await readSchemaVersion(database);
  const lines = applied.length === 0 ? [`Nothing to do: the schema is ${versionText(version)}.`] : applied;
  host.out(isJson ? JSON.stringify({ applied, ...version }) : lines.join('\n'));
  return fits(version);
}

function fits({ schemaState }: SchemaVersion): number {
  return schemaState === 'behind' || schemaState === 'incompatible' ? schemaDoesNotFit : done;
}

function waitingText(workers: readonly RemainingWorker[]): string {
  const where = workers.map(({ host, pid }) => `process ${pid} on ${host}`);
  return `Waits for ${workers.length} ${workers.length === 1 ? 'worker' : 'workers'} to leave: ${where.join(', ')}`;
}
