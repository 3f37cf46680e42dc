import { demandOption, OptionInvalidError } from '@throughline/core';
import { Cron } from 'croner';
import { defaultTimeZone, demandTimeZone } from './time-zone.ts';

/** A cron expression in a time zone, checked. */
export interface CronSchedule {
  readonly expression: string;
  readonly timeZone: string;
  /** The first occurrence strictly after an instant, in milliseconds since the epoch; `undefined` when there is none. */
  next(after: number): number | undefined;
}

const maxLength = 255;
const aCron = 'a cron expression of 5 fields (minute hour day month weekday) or 6 (second first)';
/** From here on an expression must have an occurrence; fixed, so that the same one is always refused. */
const firstDay = Date.UTC(2024, 0, 1);

/**
 * Reads a cron expression.
 *
 * When clocks are put forward, what was due at a time that does not exist runs at the end of the gap; when they are put
 * back, it runs once. That holds for expressions that name their hours and minutes (`30 2 * * *`, `0 2,14 * * *`). Those
 * with a `*` or a step in minute or hour go by elapsed time instead: half-hourly is every thirty minutes, whatever the
 * clocks do.
 *
 * @param path of what holds the expression, for the message: `createTask.triggers[0]`
 * @param timeZone an IANA time zone; UTC when absent
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for what is no such expression, for one that never comes to
 * pass (`0 0 30 2 *`), and for a time zone that nobody knows
 * @see {@link https://man7.org/linux/man-pages/man5/crontab.5.html | crontab(5)}
 */
export function resolveCron(
  path: string,
  expression: string,
  timeZone: string = defaultTimeZone,
): CronSchedule {
  demandTimeZone(`${path}.timeZone`, timeZone);
  const cron = parse(`${path}.cron`, expression, timeZone);
  const next = (after: number): number | undefined => cron.nextRun(new Date(after))?.getTime();
  const comes = next(firstDay) !== undefined;
  demandOption(comes, `${path}.cron`, expression, 'an expression that comes to pass; this one never does');
  return Object.freeze({ expression, timeZone, next });
}

/** The library also reads dates and names as `@daily`; both are refused by the number of fields. */
function parse(path: string, expression: unknown, timezone: string): Cron {
  const isText = typeof expression === 'string' && expression.length <= maxLength;
  if (!isText || !/^\s*\S+(\s+\S+){4,5}\s*$/.test(expression))
    throw new OptionInvalidError(path, expression, aCron);
  try {
    return new Cron(expression, {
      timezone,
      mode: '5-or-6-parts',
      fixedTimeRule: 'no-wildcard',
    });
  } catch (error) {
    const why = (error as Error).message.replace(/^CronPattern: /, '');
    throw new OptionInvalidError(path, expression, `${aCron}: ${why}`);
  }
}
