import { parseArgs } from 'node:util';

/** What the command is to do. */
export interface CommandLine {
  readonly command: CommandName;
  /** Address of the database; `undefined` when neither the command line nor the environment says. */
  readonly url: string | undefined;
  /** Who said so, for people. */
  readonly urlSource: '--url' | 'POSTGRES_URL';
  readonly schema: string;
  readonly isJson: boolean;
  /** How long `migrate` waits for workers to leave. */
  readonly waitMs: number;
}

/** Only a text is wanted. */
export interface TextLine {
  readonly command: 'help' | 'version';
  /** Which command the help is about. */
  readonly about: CommandName | undefined;
}

export type CommandName = 'migrate' | 'status';

/** The command line cannot be meant; the message says why. */
export class UsageError extends Error {
  /** Which command the help would be about. */
  readonly about: CommandName | undefined;

  constructor(message: string, about?: CommandName | undefined) {
    super(message);
    this.about = about;
  }
}

const options = {
  url: { type: 'string' },
  schema: { type: 'string' },
  wait: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

const optionsOf: Readonly<Record<CommandName, readonly string[]>> = {
  migrate: ['url', 'schema', 'wait', 'json', 'help'],
  status: ['url', 'schema', 'json', 'help'],
};

/** @throws UsageError */
export function readCommandLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine | TextLine {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  if (values.version) return { command: 'version', about: undefined };
  if (command === undefined || command === 'help') return helpFor(rest[0]);
  if (!isCommand(command)) throw new UsageError(`There is no command ${JSON.stringify(command)}.`);
  if (values.help) return helpFor(command);
  demandOptionsOf(command, Object.keys(values));
  if (rest.length > 0) throw new UsageError(`${command} takes no ${JSON.stringify(rest[0])}.`, command);
  const { url = textOf(env.POSTGRES_URL), schema = 'pgconductor', wait = '300', json = false } = values;
  const urlSource = values.url === undefined ? 'POSTGRES_URL' : '--url';
  return { command, url, urlSource, schema, isJson: json, waitMs: readSeconds(wait) * 1_000 };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    const [unknown] = /'-.*?'/.exec(message) ?? [];
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || unknown === undefined) throw new UsageError(message);
    throw new UsageError(`There is no option ${unknown.slice(1, -1)}.`);
  }
}

function helpFor(about: string | undefined): TextLine {
  if (about !== undefined && !isCommand(about))
    throw new UsageError(`There is no command ${JSON.stringify(about)}.`);
  return { command: 'help', about };
}

function isCommand(text: string): text is CommandName {
  return Object.hasOwn(optionsOf, text);
}

function demandOptionsOf(command: CommandName, given: readonly string[]): void {
  const foreign = given.find((name) => !optionsOf[command].includes(name));
  if (foreign !== undefined) throw new UsageError(`${command} takes no --${foreign}.`, command);
}

function textOf(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function readSeconds(text: string): number {
  const isSeconds = /^\d{1,7}$/.test(text);
  if (!isSeconds) throw new UsageError(`--wait takes whole seconds, not ${JSON.stringify(text)}.`, 'migrate');
  return Number(text);
}
