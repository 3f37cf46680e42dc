import type { Logger } from '../task/logger.ts';

/** Warnings and errors to the console, and nothing else. */
export const defaultLogger: Logger = Object.freeze({
  debug() {},
  info() {},
  warn: (message: string, fields?: object) => console.warn(message, fields ?? ''),
  error: (message: string, fields?: object) => console.error(message, fields ?? ''),
});
