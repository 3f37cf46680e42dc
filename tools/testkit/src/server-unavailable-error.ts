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

  constructor(server: ServerName, setting: string, reason: string, cause?: unknown) {
    super(`No ${server}: ${reason}`.replace(/\s*\n\s*/g, ' '), { cause });
    this.server = server;
    this.setting = setting;
  }

  override get name(): string {
    return 'ServerUnavailableError';
  }
}
