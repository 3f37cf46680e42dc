import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveCron } from './cron.ts';

function occurrences(expression: string, timeZone: string, after: string, count: number): string[] {
  const cron = resolveCron('task', expression, timeZone);
  const found: string[] = [];
  for (let at = cron.next(Date.parse(after)); at !== undefined && found.length < count; at = cron.next(at))
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  return found;
}

describe('a cron expression', () => {
  it('has five fields, and minutes', () => {
    expect(occurrences('*/20 9 * * 1-5', 'UTC', '2026-01-02T09:30:00Z', 3)).toEqual([
      '2026-01-02T09:40Z',
      '2026-01-05T09:00Z',
      '2026-01-05T09:20Z',
    ]);
  });

  it('has seconds when it has six fields', () => {
    expect(occurrences('*/30 * * * * *', 'UTC', '2026-01-02T09:30:00Z', 2)).toEqual([
      '2026-01-02T09:30:30.000Z',
      '2026-01-02T09:31Z',
    ]);
  });

  it('comes strictly after the instant', () => {
    const { next } = resolveCron('task', '0 0 * * *');
    const midnight = Date.UTC(2026, 0, 2);
    expect(next(midnight - 1)).toBe(midnight);
    expect(next(midnight)).toBe(midnight + 86_400_000);
    expect(next(midnight + 1)).toBe(midnight + 86_400_000);
  });

  it('is one of UTC where no time zone is given', () => {
    expect(resolveCron('task', '0 0 * * *')).toMatchObject({ expression: '0 0 * * *', timeZone: 'UTC' });
  });

  it('takes names of days and months, and both numbers of Sunday', () => {
    const sundays = occurrences('0 0 * MAR SUN', 'UTC', '2026-03-01T00:00:00Z', 2);
    expect(sundays).toEqual(['2026-03-08T00:00Z', '2026-03-15T00:00Z']);
    expect(occurrences('0 0 * 3 0', 'UTC', '2026-03-01T00:00:00Z', 2)).toEqual(sundays);
    expect(occurrences('0 0 * 3 7', 'UTC', '2026-03-01T00:00:00Z', 2)).toEqual(sundays);
  });

  it('comes on either day when day and weekday are both given', () => {
    expect(occurrences('0 0 1 * MON', 'UTC', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-30T00:00Z',
      '2026-04-01T00:00Z',
      '2026-04-06T00:00Z',
    ]);
  });

  it('reaches the next leap year', () => {
    expect(occurrences('0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', 1)).toEqual(['2028-02-29T00:00Z']);
  });

  it('of every few minutes is what counting minutes finds', () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 6 });
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 6 });
    const start = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) });
    fc.assert(
      fc.property(minutes, hours, start, (minute, hour, after) => {
        let at = Math.floor(after / 60_000) * 60_000 + 60_000;
        while (!minute.includes(new Date(at).getUTCMinutes()) || !hour.includes(new Date(at).getUTCHours()))
          at += 60_000;
        expect(resolveCron('task', `${minute} ${hour} * * *`).next(after)).toBe(at);
      }),
    );
  });
});

describe('a cron expression where clocks are put forward', () => {
  it('runs at the end of the gap what was due in it', () => {
    expect(occurrences('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ]);
  });

  it('does so for lists of hours, too', () => {
    expect(occurrences('0 2,14 * * *', 'Europe/Berlin', '2026-03-28T20:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-29T12:00Z',
    ]);
  });

  it('goes on by elapsed time with a step', () => {
    expect(occurrences('*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
    ]);
  });

  it('runs at one where midnight is missing', () => {
    expect(occurrences('0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', 2)).toEqual([
      '2018-11-04T03:00Z',
      '2018-11-05T02:00Z',
    ]);
  });

  it('knows changes of half an hour', () => {
    expect(occurrences('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 2)).toEqual([
      '2026-10-03T15:30Z',
      '2026-10-04T15:15Z',
    ]);
  });
});

describe('a cron expression where clocks are put back', () => {
  it('runs once what is due in the hour that comes twice', () => {
    expect(occurrences('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  it('does not run it again after it has run', () => {
    const { next } = resolveCron('task', '30 2 * * *', 'Europe/Berlin');
    const betweenBoth = Date.parse('2026-10-25T00:45:00Z');
    expect(next(betweenBoth)).toBe(Date.parse('2026-10-26T01:30:00Z'));
  });

  it('goes on by elapsed time with a step', () => {
    expect(occurrences('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:45:00Z', 4)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
    ]);
  });
});

describe('resolveCron', () => {
  it.each([
    ['', /5 fields/],
    ['* * * *', /5 fields/],
    ['* * * * * * *', /5 fields/],
    ['@daily', /5 fields/],
    ['2026-03-28T00:00:00', /5 fields/],
    ['every five minutes please now', /5 fields .*: /],
    ['61 * * * *', /Invalid value for minute: 61/],
    ['* 24 * * *', /hour: 24/],
    ['5-1 * * * *', /larger/],
    ['*/0 * * * *', /stepping/],
    ['1,,2 * * * *', /minute/],
    ['0 0 30 2 *', /comes to pass/],
    [`${'0,'.repeat(200)}0 * * * *`, /5 fields/],
    [5, /5 fields/],
    [null, /5 fields/],
  ])('refuses %j', (expression, why) => {
    expect(() => resolveCron('createTask.triggers[0]', expression as string)).toThrow(
      expect.objectContaining({
        code: 'THROUGHLINE_OPTION_INVALID',
        option: 'createTask.triggers[0].cron',
        message: expect.stringMatching(why),
      }),
    );
  });

  it.each(['Mars/Phobos', '', '+02:00', 5, null])('refuses the time zone %j', (timeZone) => {
    expect(() => resolveCron('task', '* * * * *', timeZone as string)).toThrow(
      expect.objectContaining({ option: 'task.timeZone' }),
    );
  });

  it('reads what people write, or refuses it with an error of ours', () => {
    const field = fc.string({
      unit: fc.constantFrom(...'0123456789*,-/?LW#+MONJAN'),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(field, { minLength: 4, maxLength: 7 }), (fields) => {
        try {
          const at = resolveCron('task', fields.join(' ')).next(Date.UTC(2026, 0, 1));
          expect(at === undefined || at > Date.UTC(2026, 0, 1)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'THROUGHLINE_OPTION_INVALID' });
        }
      }),
    );
  });
});
