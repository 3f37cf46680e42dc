import { demandOption } from '@throughline/core';

/** Time zone where none is given: the same for every worker, wherever it runs. */
export const defaultTimeZone = 'UTC';

/** @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for what is no time zone of the IANA database */
export function demandTimeZone(path: string, timeZone: unknown): void {
  demandOption(isTimeZone(timeZone), path, timeZone, "an IANA time zone: 'Europe/Berlin', 'UTC'");
}

/** Offsets as `+02:00` are refused: only newer runtimes know them, and they know no daylight saving time. */
function isTimeZone(timeZone: unknown): boolean {
  if (typeof timeZone !== 'string' || !/^[A-Za-z]/.test(timeZone)) return false;
  try {
    formatterOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/**
 * By how many milliseconds the clocks of a time zone are ahead of UTC at an instant; one function per time zone, because
 * a formatter is dear to make.
 *
 * @param timeZone a valid one
 */
export function offsetIn(timeZone: string): (at: number) => number {
  const formatter = formatterOf(timeZone);
  return (at) => {
    const shown = Object.fromEntries(
      formatter.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
  };
}
