import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent, readTraceparent } from './traceparent.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const valid = `00-${traceId}-${spanId}-01`;

const digits = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((characters) => characters.join(''));
const id = (length: number) => digits(length).filter((text) => /[^0]/.test(text));

describe('parseTraceparent', () => {
  it('reads trace id, span id and flags (Trace Context 2 §3.2.2.2)', () => {
    expect(parseTraceparent(valid)).toEqual({ traceId, spanId, traceFlags: 1 });
  });

  it.each([
    ['00', 0],
    ['01', 1],
    ['02', 2],
    ['03', 3],
  ])('keeps the sampled and the random flag: %s (§3.2.2.5.1, §3.2.2.5.2)', (flags, traceFlags) => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-${flags}`)?.traceFlags).toBe(traceFlags);
  });

  it.each([
    ['ff', 3],
    ['10', 0],
    ['0a', 2],
    ['fd', 1],
  ])('clears flags that are reserved: %s (§3.2.2.5.3)', (flags, traceFlags) => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-${flags}`)?.traceFlags).toBe(traceFlags);
  });

  it.each([
    ['of the same length', `cc-${traceId}-${spanId}-01`],
    ['with more fields', `cc-${traceId}-${spanId}-01-what-the-future-will-be-like`],
    ['with an empty field', `01-${traceId}-${spanId}-01-`],
  ])('reads a higher version %s (§3.2.4)', (_, value) => {
    expect(parseTraceparent(value)).toEqual({ traceId, spanId, traceFlags: 1 });
  });
});

describe('readTraceparent', () => {
  it.each([undefined, null])('calls %s missing', (value) => {
    expect(readTraceparent(value)).toEqual({ context: undefined, reason: 'traceparent_missing' });
  });

  it.each([
    ['a number', 5],
    ['an object', {}],
    ['an array with a valid value', [valid]],
    ['a boxed string', new String(valid)],
    ['an empty string', ''],
    ['upper-case hex in the trace id (§3.2.2.3)', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['upper-case hex in the span id (§3.2.2.4)', `00-${traceId}-${spanId.toUpperCase()}-01`],
    ['upper-case hex in the flags (§3.2.2.5)', `00-${traceId}-${spanId}-0A`],
    ['an illegal character in the version (§3.2.2.1)', `.0-${traceId}-${spanId}-01`],
    ['a version of one digit (§3.2.4)', `0-${traceId}-${spanId}-01`],
    ['a version of three digits (§3.2.4)', `000-${traceId}-${spanId}-01`],
    ['an illegal character in the trace id (§3.2.2.3)', `00-.${traceId.slice(1)}-${spanId}-01`],
    ['a trace id of 31 digits (§3.2.2.3)', `00-${traceId.slice(1)}-${spanId}-01`],
    ['a trace id of 33 digits (§3.2.2.3)', `00-${traceId}0-${spanId}-01`],
    ['an illegal character in the span id (§3.2.2.4)', `00-${traceId}-${spanId.slice(1)}.-01`],
    ['a span id of 15 digits (§3.2.2.4)', `00-${traceId}-${spanId.slice(1)}-01`],
    ['a span id of 17 digits (§3.2.2.4)', `00-${traceId}-${spanId}0-01`],
    ['flags of one digit (§3.2.2.5)', `00-${traceId}-${spanId}-1`],
    ['flags of three digits (§3.2.2.5)', `00-${traceId}-${spanId}-001`],
    ['an illegal character in the flags (§3.2.2.5)', `00-${traceId}-${spanId}-0.`],
    ['version 00 with more fields (§3.2.2.2)', `${valid}-extra`],
    ['version 00 with a trailing dash (§3.2.2.2)', `${valid}-`],
    ['a higher version whose flags no dash follows (§3.2.4)', `cc-${traceId}-${spanId}-01.extra`],
    ['a higher version that is too short (§3.2.4)', `cc-${traceId}-${spanId}-0`],
    ['a leading line feed', `\n${valid}`],
    ['a trailing line feed', `${valid}\n`],
    ['a leading blank', ` ${valid}`],
    ['full-width digits', `００-${traceId}-${spanId}-01`],
  ])('calls %s malformed', (_, value) => {
    expect(readTraceparent(value)).toEqual({ context: undefined, reason: 'traceparent_malformed' });
  });

  it('refuses version ff (§3.2.2.1)', () => {
    expect(readTraceparent(`ff-${traceId}-${spanId}-01`).reason).toBe('version_invalid');
  });

  it.each([
    ['trace id (§3.2.2.3)', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['span id (§3.2.2.4)', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['trace id of a higher version (§3.2.4)', `cc-${'0'.repeat(32)}-${spanId}-01-x`],
  ])('refuses an all-zero %s', (_, value) => {
    expect(readTraceparent(value).reason).toBe('id_zero');
  });

  it.each([
    ['with', `${valid}, ${valid}`],
    ['without', `${valid},${valid}`],
    ['of a higher version, without', `cc-${traceId}-${spanId}-01-x,cc-${traceId}-${spanId}-01-y`],
  ])('recognizes two values that a transport joined %s a blank (§4.3)', (_, value) => {
    expect(readTraceparent(value).reason).toBe('traceparent_duplicated');
  });

  it('gives no reason with a context', () => {
    expect(readTraceparent(valid)).toEqual({ context: { traceId, spanId, traceFlags: 1 } });
  });
});

describe('formatTraceparent', () => {
  it('writes version 00 (§3.2.4)', () => {
    expect(formatTraceparent({ traceId, spanId, traceFlags: 1 })).toBe(valid);
  });

  it.each([
    [0xff, '03'],
    [0x10, '00'],
    [0xfe, '02'],
    [0x1ff, '03'],
    [-1, '03'],
    [Number.NaN, '00'],
  ])(
    'never writes a flag but sampled and random, nor more than two digits: %d (§3.2.2.5.3)',
    (flags, text) => {
      expect(formatTraceparent({ traceId, spanId, traceFlags: flags })).toBe(
        `00-${traceId}-${spanId}-${text}`,
      );
    },
  );

  it('writes what parseTraceparent reads', () => {
    fc.assert(
      fc.property(id(32), id(16), fc.integer({ min: 0, max: 3 }), (traceId, spanId, traceFlags) => {
        const context = { traceId, spanId, traceFlags };
        expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
      }),
    );
  });

  it('restores every valid version 00 value but for reserved flags', () => {
    fc.assert(
      fc.property(id(32), id(16), digits(2), (traceId, spanId, flags) => {
        const context = parseTraceparent(`00-${traceId}-${spanId}-${flags}`);
        const kept = (Number.parseInt(flags, 16) & 3).toString().padStart(2, '0');
        expect(context && formatTraceparent(context)).toBe(`00-${traceId}-${spanId}-${kept}`);
      }),
    );
  });
});

describe('a traceparent with one character changed', () => {
  it('is either refused or still well-formed', () => {
    fc.assert(
      fc.property(fc.nat(54), fc.nat(0xffff), (at, code) => {
        const context = parseTraceparent(
          valid.slice(0, at) + String.fromCharCode(code) + valid.slice(at + 1),
        );
        if (context) expect(formatTraceparent(context)).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-0[0-3]$/);
      }),
    );
  });
});
