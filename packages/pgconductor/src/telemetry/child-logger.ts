import type { LogFields, Logger } from '../task/logger.ts';

/** A logger that adds `fields` to all it writes; by its own `child`, where it has one. */
export function childLogger(logger: Logger, fields: LogFields): Logger {
  if (typeof logger.child === 'function') return logger.child(fields);
  return {
    debug: (message, more) => logger.debug(message, { ...fields, ...more }),
    info: (message, more) => logger.info(message, { ...fields, ...more }),
    warn: (message, more) => logger.warn(message, { ...fields, ...more }),
    error: (message, more) => logger.error(message, { ...fields, ...more }),
    child: (more) => childLogger(logger, { ...fields, ...more }),
  };
}
