/** The servers that the testkit can start. */
export type ServerName = 'Redis' | 'PostgreSQL' | 'Chromium';

/**
 * A server could neither be found nor started. Code `THROUGHLINE_TESTKIT_SERVER_UNAVAILABLE`.
 *
 * The message is one line that ends with what to set, so that a command can print it and exit.
 */
export class ServerUnavailableError extends Error {
  readonly code = 'THROUGHLINE_TESTKIT_SERVER_UNAVAILABLE';
  readonly server: ServerName;
  /** The environment variable that helps: `REDIS_URL`, `POSTGRES_URL` or `CHROMIUM_BIN`. */
  readonly setting: string;

  /**
   * @param advice what to set, as a sentence
   * @param cause why; its gist becomes part of the message
   */
  constructor(server: ServerName, setting: string, advice: string, cause: unknown) {
    super(`No ${server}: ${gist(cause)}; ${advice}`, { cause });
    this.server = server;
    this.setting = setting;
  }

  override get name(): string {
    return 'ServerUnavailableError';
  }
}

/** A failed command says what went wrong on the last line of its error output; other errors in their message. */
function gist(cause: unknown): string {
  const { stderr, message } = (cause ?? {}) as { readonly stderr?: unknown; readonly message?: unknown };
  const lines = typeof stderr === 'string' ? stderr.trim().split('\n') : [];
  return (lines.at(-1) || String(message ?? cause)).replace(/\s+/g, ' ').replace(/[.;]$/, '');
}
