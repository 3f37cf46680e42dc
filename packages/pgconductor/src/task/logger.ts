/**
 * Where the engine, and handlers through `ctx.logger`, write what people should read. `console` is one; so are the loggers of
 * most libraries.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to all it writes. @default they are given along with every message */
  child?(fields: LogFields): Logger;
}

/** Named facts beside a message. */
export type LogFields = Readonly<Record<string, unknown>>;
