import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveTimeWindow, type TimeWindow, type Weekday } from './time-window.ts';

const isOpen = (window: TimeWindow, at: string): boolean =>
  resolveTimeWindow('window', window).isOpen(Date.parse(at));
const nextOpening = (window: TimeWindow, at: string): string =>
  new Date(resolveTimeWindow('window', window).nextOpening(Date.parse(at))).toISOString();

describe('a time window', () => {
  const office = { start: '09:00', end: '17:30' };

  it.each([
    ['08:59:59.999', false],
    ['09:00:00.000', true],
    ['17:29:59.999', true],
    ['17:30:00.000', false],
  ])('at %s is open: %s', (time, expected) => {
    expect(isOpen(office, `2026-03-02T${time}Z`)).toBe(expected);
  });

  it('opens at its start', () => {
    expect(nextOpening(office, '2026-03-02T03:10:20Z')).toBe('2026-03-02T09:00:00.000Z');
    expect(nextOpening(office, '2026-03-02T17:30:00Z')).toBe('2026-03-03T09:00:00.000Z');
  });

  it('opens now when it is open', () => {
    expect(nextOpening(office, '2026-03-02T12:34:56.789Z')).toBe('2026-03-02T12:34:56.789Z');
  });

  it('goes by the clock of its time zone', () => {
    expect(isOpen({ ...office, timeZone: 'Asia/Kolkata' }, '2026-03-02T03:29:00Z')).toBe(false);
    expect(isOpen({ ...office, timeZone: 'Asia/Kolkata' }, '2026-03-02T03:30:00Z')).toBe(true);
  });

  it('opens on its days', () => {
    expect(nextOpening({ ...office, days: ['mon', 'wed'] }, '2026-03-04T18:00:00Z')).toBe(
      '2026-03-09T09:00:00.000Z',
    );
  });

  it('opens in a week when its only day has just ended', () => {
    expect(nextOpening({ ...office, days: ['mon'] }, '2026-03-02T17:30:00Z')).toBe(
      '2026-03-09T09:00:00.000Z',
    );
  });

  it('goes on until midnight with 24:00', () => {
    const weekend: TimeWindow = { start: '00:00', end: '24:00', days: ['sat', 'sun'] };
    expect(isOpen(weekend, '2026-03-08T23:59:59Z')).toBe(true);
    expect(isOpen(weekend, '2026-03-09T00:00:00Z')).toBe(false);
  });
});

describe('a time window over midnight', () => {
  const night = { start: '22:00', end: '06:00' };

  it.each([
    ['21:59', false],
    ['22:00', true],
    ['00:00', true],
    ['05:59', true],
    ['06:00', false],
    ['12:00', false],
  ])('at %s is open: %s', (time, expected) => {
    expect(isOpen(night, `2026-03-02T${time}:00Z`)).toBe(expected);
  });

  it('belongs to the day on which it opens', () => {
    const friday: TimeWindow = { ...night, days: ['fri'] };
    expect(isOpen(friday, '2026-03-06T05:00:00Z')).toBe(false); // Friday morning belongs to Thursday
    expect(isOpen(friday, '2026-03-06T23:00:00Z')).toBe(true);
    expect(isOpen(friday, '2026-03-07T05:00:00Z')).toBe(true); // Saturday morning
    expect(isOpen(friday, '2026-03-07T23:00:00Z')).toBe(false);
  });

  it('ends at midnight with 00:00', () => {
    const evening = { start: '22:00', end: '00:00' };
    expect(isOpen(evening, '2026-03-02T23:59:00Z')).toBe(true);
    expect(isOpen(evening, '2026-03-03T00:00:00Z')).toBe(false);
  });
});

describe('a time window where clocks change', () => {
  const berlin = { timeZone: 'Europe/Berlin' };

  it('does not open in an hour that is left out', () => {
    expect(nextOpening({ start: '02:00', end: '03:00', ...berlin }, '2026-03-28T12:00:00Z')).toBe(
      '2026-03-30T00:00:00.000Z',
    );
  });

  it('opens late when its start is left out', () => {
    expect(nextOpening({ start: '02:30', end: '04:00', ...berlin }, '2026-03-28T12:00:00Z')).toBe(
      '2026-03-29T01:00:00.000Z',
    );
  });

  it('opens twice in an hour that comes twice', () => {
    const window = { start: '02:00', end: '02:30', ...berlin };
    expect(nextOpening(window, '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:00:00.000Z');
    expect(nextOpening(window, '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:00:00.000Z');
    expect(nextOpening(window, '2026-10-25T01:30:00Z')).toBe('2026-10-26T01:00:00.000Z');
  });
});

describe('the next opening', () => {
  const clock = fc
    .integer({ min: 0, max: 1_439 })
    .map((minute) => new Date(minute * 60_000).toISOString().slice(11, 16));
  const end = fc.oneof({ weight: 9, arbitrary: clock }, { weight: 1, arbitrary: fc.constant('24:00') });
  const start = fc.oneof({ weight: 9, arbitrary: clock }, { weight: 1, arbitrary: fc.constant('00:00') });
  const days = fc.subarray<Weekday>(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], { minLength: 1 });
  const timeZone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Asia/Kathmandu',
  );
  const window = fc.record({ start, end, days, timeZone }).filter((given) => given.start !== given.end);

  /** Days around which clocks change in one of these zones, and any other day. */
  const changes = [
    '2026-03-29',
    '2026-10-25',
    '2026-03-08',
    '2026-11-01',
    '2026-04-05',
    '2026-10-04',
    '2026-02-15',
    '2026-03-22',
  ];
  const twoDays = 2 * 86_400_000;
  const nearChange = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -twoDays, max: twoDays }))
    .map(([day, shift]) => Date.parse(day) + shift);
  const anyTime = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) });
  const at = fc.oneof(nearChange, anyTime);

  it('is the first minute that a clock on the wall shows within the window', () => {
    fc.assert(
      fc.property(window, at, (given, instant) => {
        expect(resolveTimeWindow('window', given).nextOpening(instant)).toBe(firstOpenMinute(given, instant));
      }),
      { numRuns: 300 },
    );
  });
});

/** Looks at the clock on the wall minute by minute, as a person would. */
function firstOpenMinute(window: TimeWindow, at: number): number {
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone: window.timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const showsOpen = (instant: number): boolean => {
    const [day = '', time = ''] = wall.format(instant).toLowerCase().split(/[ ,]+/);
    return showsWithin(window, day, time);
  };
  if (showsOpen(at)) return at;
  let minute = Math.floor(at / 60_000) * 60_000 + 60_000;
  while (!showsOpen(minute)) minute += 60_000;
  return minute;
}

const before: Readonly<Record<string, Weekday>> = {
  mon: 'sun',
  tue: 'mon',
  wed: 'tue',
  thu: 'wed',
  fri: 'thu',
  sat: 'fri',
  sun: 'sat',
};

function showsWithin({ start, end, days = [] }: TimeWindow, day: string, time: string): boolean {
  const opensToday = (days as readonly string[]).includes(day);
  const openedYesterday = days.includes(before[day] ?? 'mon');
  if (start < end) return opensToday && start <= time && time < end;
  return (opensToday && start <= time) || (openedYesterday && time < end);
}

describe('resolveTimeWindow', () => {
  it.each([
    ['start', { start: '24:00', end: '06:00' }],
    ['start', { start: '9:00', end: '17:00' }],
    ['start', { end: '17:00' }],
    ['start', { start: 9, end: '17:00' }],
    ['end', { start: '09:00', end: '17:60' }],
    ['end', { start: '09:00', end: '09:00' }],
    ['end', { start: '09:00', end: '24:01' }],
    ['timeZone', { start: '09:00', end: '17:00', timeZone: 'Mars/Phobos' }],
    ['days', { start: '09:00', end: '17:00', days: [] }],
    ['days', { start: '09:00', end: '17:00', days: ['monday'] }],
    ['days', { start: '09:00', end: '17:00', days: 'mon' }],
    ['from', { start: '09:00', end: '17:00', from: '10:00' }],
  ])('refuses %s of %j', (name, window) => {
    expect(() => resolveTimeWindow('window', window as TimeWindow)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: `window.${name}` }),
    );
  });

  it.each([null, '09:00-17:00', ['09:00', '17:00']])('refuses %j', (window) => {
    expect(() => resolveTimeWindow('window', window as never)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: 'window' }),
    );
  });
});
