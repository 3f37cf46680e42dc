import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resolveTimeWindow, type TimeWindow, type Weekday } from '../src/schedule/time-window.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const clock = fc
  .integer({ min: 0, max: 1_439 })
  .map((minute) => new Date(minute * 60_000).toISOString().slice(11, 16));
const window: fc.Arbitrary<TimeWindow> = fc
  .record({
    start: clock,
    end: fc.oneof(clock, fc.constant('24:00')),
    days: fc.subarray<Weekday>(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], { minLength: 1 }),
    timeZone: fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    ),
  })
  .filter(({ start, end }) => start !== end);
/** Around the changes of clocks in these zones, and at any other time. */
const moment = fc.oneof(
  fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2026, 11, 31) }),
  fc
    .tuple(
      fc.constantFrom('2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-10-04'),
      fc.integer({ min: -43_200_000, max: 43_200_000 }),
    )
    .map(([day, shift]) => Date.parse(day) + shift),
);

onPostgres('a window in the database', (use) => {
  it('is open when it is open here', async () => {
    const { conductor, schema } = engine(use);
    await conductor.migrate();
    const cases = fc.sample(fc.tuple(window, moment), 2_000).map(([given, at]) => {
      const { startMinute, endMinute, timeZone, days, isOpen } = resolveTimeWindow('window', given);
      return { hours: { startMinute, endMinute, timeZone, days }, at, given, isOpen: isOpen(at) };
    });
    const rows = await use.sql`
      select ${use.sql(schema)}.in_hours(one -> 'hours', to_timestamp((one ->> 'at')::bigint / 1000.0)) as open
      from json_array_elements(${JSON.stringify(cases)}::text::json) with ordinality as t (one, place)
      order by place`;
    const differing = cases.filter((one, index) => rows[index]?.open !== one.isOpen);
    expect(rows).toHaveLength(2_000);
    expect(differing).toEqual([]);
  });
});
