import { parseArgs } from 'node:util';

/** What the command is to do. */
export interface CommandLine {
  readonly command: 'migrate' | 'status' | 'help';
  /** Address of the database; `undefined` when neither the command line nor the environment says. */
  readonly url: string | undefined;
  readonly schema: string;
  readonly isJson: boolean;
  /** How long `migrate` waits for workers to leave. */
  readonly waitMs: number;
}

/** The command line cannot be meant; the message says why. */
export class UsageError extends Error {}

export const usage = `Usage: pgconductor <command> [options]

Commands
  migrate   create the schema, or bring it up to date
  status    show queues, workers, failures and schedules

Options
  --url <address>     postgres://user:password@host:5432/database; else POSTGRES_URL
  --schema <name>     the schema; else pgconductor
  --wait <seconds>    how long migrate waits for workers to leave before a breaking migration; else 300
  --json              print JSON
  --help              print this

Exit codes: 0 done, 1 failed, 2 not understood`;

const options = {
  url: { type: 'string' },
  schema: { type: 'string', default: 'pgconductor' },
  wait: { type: 'string', default: '300' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws UsageError */
export function readCommandLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const { values, positionals } = parse(args);
  const [command = 'help', ...rest] = values.help ? ['help'] : positionals;
  if (command !== 'migrate' && command !== 'status' && command !== 'help')
    throw new UsageError(`There is no command ${JSON.stringify(command)}.`);
  if (rest.length > 0) throw new UsageError(`${command} takes no ${JSON.stringify(rest[0])}.`);
  return {
    command,
    url: values.url ?? (env.POSTGRES_URL === '' ? undefined : env.POSTGRES_URL),
    schema: values.schema,
    isJson: values.json,
    waitMs: readSeconds(values.wait) * 1_000,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readSeconds(text: string): number {
  const isSeconds = /^\d{1,7}$/.test(text);
  if (!isSeconds) throw new UsageError(`--wait takes whole seconds, not ${JSON.stringify(text)}.`);
  return Number(text);
}
