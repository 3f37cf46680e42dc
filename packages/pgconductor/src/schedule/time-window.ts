import { demandOption, demandOptions } from '@throughline/core';
import { defaultTimeZone, demandTimeZone, offsetIn } from './time-zone.ts';

/** A day of the week. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/**
 * Hours in which a task may start, by the clock on the wall of a time zone.
 *
 * A window whose end is not after its start goes over midnight: `{ start: '22:00', end: '06:00', days: ['fri'] }` is
 * open from Friday evening until Saturday morning. An hour that daylight saving time leaves out does not open; one that
 * it repeats is open twice.
 */
export interface TimeWindow {
  /** `HH:MM`, 00:00 to 23:59; the first minute that is open. */
  readonly start: string;
  /** `HH:MM`, 00:00 to 24:00; the first minute that is closed again. */
  readonly end: string;
  /** An IANA time zone. @default 'UTC' */
  readonly timeZone?: string | undefined;
  /** On which days it opens. @default every day */
  readonly days?: readonly Weekday[] | undefined;
}

/** A {@link TimeWindow}, checked, and what can be asked of it. Instants are milliseconds since the epoch. */
export interface ResolvedTimeWindow {
  /** Minutes since midnight, 0 to 1,439. */
  readonly startMinute: number;
  /** Minutes since midnight, 0 to 1,440; not above `startMinute` when the window goes over midnight. */
  readonly endMinute: number;
  readonly timeZone: string;
  /** 0 is Sunday. */
  readonly days: readonly number[];
  isOpen(at: number): boolean;
  /** The earliest instant from `at` on that is open: `at` itself when it is. */
  nextOpening(at: number): number;
}

const weekdays: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minuteMs = 60_000;
const dayMinutes = 1_440;
const dayMs = dayMinutes * minuteMs;

/**
 * Checks a window and fills in its defaults.
 *
 * @param path of the setting, for the message
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function resolveTimeWindow(path: string, window: TimeWindow): ResolvedTimeWindow {
  demandOptions(path, window, { start: true, end: true, timeZone: true, days: true });
  const { start, end, timeZone = defaultTimeZone, days = weekdays } = window;
  const startMinute = minuteOf(start);
  const endMinute = end === '24:00' ? dayMinutes : minuteOf(end);
  demandOption(!Number.isNaN(startMinute), `${path}.start`, start, "a time from '00:00' to '23:59'");
  demandOption(!Number.isNaN(endMinute), `${path}.end`, end, "a time from '00:00' to '24:00'");
  demandOption(
    startMinute !== endMinute,
    `${path}.end`,
    end,
    "another time than `start`; all day is '00:00' to '24:00'",
  );
  demandTimeZone(`${path}.timeZone`, timeZone);
  demandDays(`${path}.days`, days);
  const shape = {
    startMinute,
    endMinute,
    timeZone,
    days: Object.freeze(days.map((day) => weekdays.indexOf(day))),
  };
  const offset = offsetIn(timeZone);
  return Object.freeze({
    ...shape,
    isOpen: (at: number) => isOpenAt(shape, at + offset(at)),
    nextOpening: (at: number) => nextOpening(shape, offset, at),
  });
}

function minuteOf(time: unknown): number {
  const match = typeof time === 'string' ? /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) : null;
  return match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
}

function demandDays(path: string, days: unknown): void {
  const isList = Array.isArray(days) && days.length > 0 && days.every((day) => weekdays.includes(day));
  demandOption(isList, path, days, `a list of ${weekdays.join(', ')}`);
}

type Shape = Pick<ResolvedTimeWindow, 'startMinute' | 'endMinute' | 'days'>;

/** @param wall what the clock on the wall shows, written as if it were UTC */
function isOpenAt({ startMinute, endMinute, days }: Shape, wall: number): boolean {
  const minute = Math.floor(wall / minuteMs) % dayMinutes;
  const today = days.includes(weekdayOf(wall));
  if (startMinute < endMinute) return today && minute >= startMinute && minute < endMinute;
  return (today && minute >= startMinute) || (minute < endMinute && days.includes(weekdayOf(wall - dayMs)));
}

function weekdayOf(wall: number): number {
  return new Date(wall).getUTCDay();
}

/**
 * While the offset stays the same, the wall clock goes evenly, and the next opening is a matter of subtraction. So each
 * round looks at one stretch of equal offset, and then again from where that one ends:
 *
 * ```text
 *   at ──────────────── opening, unless ──── clocks change ──▶ look again from there
 * ```
 */
function nextOpening(shape: Shape, offset: (at: number) => number, at: number): number {
  for (let from = at; ; ) {
    const wall = from + offset(from);
    if (isOpenAt(shape, wall)) return from;
    const opening = from + wallTimeUntilStart(shape, wall);
    from = clockChange(offset, from, opening) ?? opening;
  }
}

/** At most eight days: the days are no empty list. */
function wallTimeUntilStart({ startMinute, days }: Shape, wall: number): number {
  const midnight = Math.floor(wall / dayMs) * dayMs;
  for (let day = 0; ; day++) {
    const start = midnight + day * dayMs + startMinute * minuteMs;
    if (start > wall && days.includes(weekdayOf(start))) return start - wall;
  }
}

/** The first instant in that stretch, its end included, at which the clocks have another offset than at its beginning. */
function clockChange(offset: (at: number) => number, from: number, to: number): number | undefined {
  const before = offset(from);
  for (let start = from; start < to; ) {
    const end = Math.min(start + dayMs, to);
    if (offset(end) !== before) return firstOther(offset, before, start, end);
    start = end;
  }
  return undefined;
}

/** Halves the stretch until one second is left; clocks change at whole seconds. */
function firstOther(offset: (at: number) => number, before: number, from: number, to: number): number {
  let same = Math.floor(from / 1_000);
  let other = Math.floor(to / 1_000);
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (offset(middle * 1_000) === before) same = middle;
    else other = middle;
  }
  return other * 1_000;
}
