import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

const noon = Date.UTC(2026, 0, 31, 12);

describe('formatTimestamp', () => {
  it('writes UTC with six fractional digits', () => {
    expect(formatTimestamp(noon)).toBe('2026-01-31T12:00:00.000000Z');
  });

  it('keeps microseconds', () => {
    expect(formatTimestamp(noon + 0.25)).toBe('2026-01-31T12:00:00.000250Z');
  });

  it('carries a fraction that rounds up into the next second', () => {
    expect(formatTimestamp(noon - 0.0001)).toBe('2026-01-31T12:00:00.000000Z');
  });

  it('writes instants before the epoch', () => {
    expect(formatTimestamp(-0.5)).toBe('1969-12-31T23:59:59.999500Z');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1e15, 253_402_300_800_000])(
    'says Invalid Date for %s',
    (epochMs) => {
      expect(formatTimestamp(epochMs)).toBe('Invalid Date');
    },
  );

  it('sorts as instants do', () => {
    fc.assert(
      fc.property(epoch(), epoch(), (a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        expect(formatTimestamp(first) <= formatTimestamp(second)).toBe(true);
      }),
    );
  });
});

describe('parseTimestamp', () => {
  it('reads back what formatTimestamp wrote, to the microsecond', () => {
    fc.assert(
      fc.property(epoch(), (epochMs) => {
        expect(Math.abs(parseTimestamp(formatTimestamp(epochMs)) - epochMs)).toBeLessThan(0.01);
      }),
    );
  });

  it('agrees with Date on every UTC instant of millisecond precision', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59Z'),
          noInvalidDate: true,
        }),
        (date) => {
          expect(parseTimestamp(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  it.each([
    ['2026-01-31T12:00:00Z', noon],
    ['2026-01-31t12:00:00z', noon],
    ['2026-01-31 12:00:00Z', noon],
    ['2026-01-31T14:00:00+02:00', noon],
    ['2026-01-31T06:30:00-05:30', noon],
    ['2026-01-31T12:00:00.1Z', noon + 100],
    ['2026-01-31T11:59:60Z', noon],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
  ])('reads %s', (text, epochMs) => {
    expect(parseTimestamp(text)).toBe(epochMs);
  });

  it.each([
    '',
    'yesterday',
    '2026',
    '2026-01-31',
    '2026-01-31T12:00:00',
    '2026-01-31T12:00Z',
    '2026-01-31T12:00:00.Z',
    '2026-01-31T12:00:00Zx',
    '2026-01-31T24:00:00Z',
    '2026-13-31T12:00:00Z',
    '2026-00-31T12:00:00Z',
    '2026-02-29T12:00:00Z',
    '1900-02-29T12:00:00Z',
    '2026-01-31T12:00:00+0200',
    '2026-01-31T12:00:00+02:0',
    '２０２６-01-31T12:00:00Z',
    ' 2026-01-31T12:00:00Z',
  ])('answers NaN for %j', (text) => {
    expect(parseTimestamp(text)).toBeNaN();
  });

  it('is total', () => {
    const piece = fc.constantFrom(
      '2026-01-31',
      'T',
      '12:00:00',
      '.5',
      'Z',
      '+02:00',
      '-',
      ':',
      '9',
      ' ',
      'é',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
    );
    fc.assert(fc.property(text, (value) => typeof parseTimestamp(value) === 'number'));
  });
});

function epoch(): fc.Arbitrary<number> {
  return fc.double({ min: 0, max: 4_102_444_800_000, noNaN: true, noDefaultInfinity: true });
}
