import type { CommandName } from './command-line.ts';

const database = `  --url <address>    postgres://user:password@host:5432/database; else POSTGRES_URL.
                     Other programs see it in the list of processes: POSTGRES_URL keeps a password to itself.
                     ?sslmode=require and ?connect_timeout=5 (seconds, else 30) go behind the database
  --schema <name>    else pgconductor`;

const exitCodes = `Exit codes
  0  done
  1  the database gave no answer, or refused; the message says why
  2  the command line is not understood
  3  the schema is not there, is behind this package, or is too new for it`;

const general = `Usage: pgconductor <command> [options]

Commands
  migrate            create the schema, or bring it up to date
  status             show version, queues, workers, failures and schedules; changes nothing

Options
${database}
  --json             print JSON
  --help, --version  of a command: pgconductor migrate --help

${exitCodes}`;

const migrate = `Usage: pgconductor migrate [options]

Creates the schema, or brings it up to date, in one transaction. Whoever comes second waits, and finds nothing to do.
A breaking migration asks the workers of the version before to leave, and waits for them.

Options
${database}
  --wait <seconds>   how long it waits for workers to leave; else 300
  --json             print { applied, schemaVersion, schemaState, … }

${exitCodes}`;

const status = `Usage: pgconductor status [options]

Shows the version of the schema, what waits and runs in each queue, the workers and when they were seen last, what
failed for good in the last day, and the schedules. It changes nothing.

Options
${database}
  --json             print the same as JSON; durations and moments in milliseconds

${exitCodes}`;

/** What the command can do; `about` is one of its commands. */
export function usage(about?: CommandName | undefined): string {
  if (about === 'migrate') return migrate;
  return about === 'status' ? status : general;
}
