/*
 * Instants as text: `2026-01-31T12:00:00.000000Z`.
 *
 * Both directions are on hot paths (every stored event, every event of a graph), so `Date` is asked once a day and once
 * a second: the last ones are remembered.
 */

/** The first and the last instant that four digits of year can express. */
const earliest = -62_167_219_200_000;
const latest = 253_402_300_800_000;

let formattedSecond = Number.NaN;
let formattedText = '';

/**
 * Formats an instant as RFC 3339 UTC with six fractional digits, the form in which events are written.
 *
 * @param epochMs milliseconds since the epoch; fractions are kept to the microsecond
 * @returns a text of fixed width, so that texts sort as instants do; `Invalid Date`, which readers keep as
 *   undated, when `epochMs` is not a number or its year has not four digits
 * @see {@link https://www.rfc-editor.org/rfc/rfc3339#section-5.6 | RFC 3339 §5.6}
 * @example
 * ```ts
 * import { formatTimestamp } from '@throughline/core/events';
 *
 * formatTimestamp(1_769_860_800_000.25); // '2026-01-31T12:00:00.000250Z'
 * ```
 */
export function formatTimestamp(epochMs: number): string {
  if (!(epochMs >= earliest && epochMs < latest)) return 'Invalid Date';
  let second = Math.floor(epochMs / 1000);
  let micros = Math.round((epochMs - second * 1000) * 1000);
  if (micros === 1_000_000) {
    second += 1;
    micros = 0;
  }
  if (second !== formattedSecond) {
    formattedText = new Date(second * 1000).toISOString().slice(0, 20);
    formattedSecond = second;
  }
  return `${formattedText}${String(micros + 1_000_000).slice(1)}Z`;
}

/**
 * Parses any RFC 3339 date-time.
 *
 * Only RFC 3339 is accepted: texts without an offset would mean another instant on another machine. A leap second
 * (`:60`) is the first instant of the next minute.
 *
 * @returns milliseconds since the epoch, with a fraction when the text has one; `NaN` for anything else
 * @see {@link https://www.rfc-editor.org/rfc/rfc3339#section-5.6 | RFC 3339 §5.6}
 * @example
 * ```ts
 * import { parseTimestamp } from '@throughline/core/events';
 *
 * parseTimestamp('2026-01-31T14:00:00.000250+02:00'); // 1769860800000.25
 * parseTimestamp('yesterday'); // NaN
 * ```
 */
export function parseTimestamp(text: string): number {
  const day = parseDay(text);
  const time = parseTime(text);
  let at = 19;
  let fraction = 0;
  if (text.charCodeAt(at) === 46) {
    let scale = 100;
    const first = ++at;
    for (let digit = digitAt(text, at); digit >= 0; digit = digitAt(text, ++at)) {
      fraction += digit * scale;
      scale /= 10;
    }
    if (at === first) return Number.NaN;
  }
  return day + time + parseOffset(text, at) + fraction;
}

let parsedDay = Number.NaN;
let parsedDayMs = Number.NaN;

/** `YYYY-MM-DDT` → ms at the start of that day. */
function parseDay(text: string): number {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return Number.NaN;
  const separator = text.charCodeAt(10);
  if (separator !== 84 && separator !== 116 && separator !== 32) return Number.NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const key = year * 10_000 + month * 100 + day;
  if (key !== parsedDay) {
    parsedDayMs = startOfDay(year, month, day);
    parsedDay = key;
  }
  return parsedDayMs;
}

function startOfDay(year: number, month: number, day: number): number {
  const date = new Date(0);
  // Not in `Date.UTC`, where the years 0 to 99 are those of the last century.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : Number.NaN;
}

/** `HH:MM:SS` at index 11 → ms. */
function parseTime(text: string): number {
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return Number.NaN;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return Number.NaN;
  return hour * 3_600_000 + minute * 60_000 + second * 1000;
}

/** `Z` or `±HH:MM`, which must end the text → what to add to the local time, in ms. */
function parseOffset(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 90 || sign === 122) return text.length === at + 1 ? 0 : Number.NaN;
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58)
    return Number.NaN;
  const hour = twoDigits(text, at + 1);
  const minute = twoDigits(text, at + 4);
  if (!(hour <= 23 && minute <= 59)) return Number.NaN;
  return (hour * 3_600_000 + minute * 60_000) * (sign === 45 ? 1 : -1);
}

function twoDigits(text: string, at: number): number {
  const tens = digitAt(text, at);
  const ones = digitAt(text, at + 1);
  return tens < 0 || ones < 0 ? Number.NaN : tens * 10 + ones;
}

/** The digit at `at`, or -1; past the end `charCodeAt` is `NaN`, which fails every comparison. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 48;
  return digit >= 0 && digit <= 9 ? digit : -1;
}
