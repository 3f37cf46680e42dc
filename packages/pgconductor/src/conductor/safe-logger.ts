import type { LogFields, Logger } from '../task/logger.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** As `logger`, but what it throws disturbs nobody: the console is told of the first time. */
export function safeLogger(logger: Logger): Logger {
  let hasFailed = false;
  function attempt<Result>(write: () => Result): Result | undefined {
    try {
      return write();
    } catch (error) {
      if (!hasFailed) console.error('pgconductor: the logger throws; the work goes on.', error);
      hasFailed = true;
      return undefined;
    }
  }
  const level =
    (name: Level): Logger[Level] =>
    (message, fields) =>
      attempt(() => logger[name](message, fields));
  const levels = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
  if (logger.child === undefined) return levels;
  const child = (fields: LogFields): Logger => {
    const own = attempt(() => logger.child?.(fields));
    return own === undefined ? levels : safeLogger(own);
  };
  return { ...levels, child };
}
