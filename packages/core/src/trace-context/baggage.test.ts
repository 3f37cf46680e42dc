import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BaggageMember, formatBaggage, forwardBaggage, parseBaggage } from './baggage.ts';

const token = fc
  .array(fc.constantFrom(..."!#$%&'*+-.^_`|~0123456789abcXYZ"), { minLength: 1, maxLength: 12 })
  .map((characters) => characters.join(''));
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const property = fc.record({ key: token, value: fc.option(text, { nil: undefined }) });
const member = fc.record({
  key: token,
  value: text,
  properties: fc.option(fc.array(property, { minLength: 1, maxLength: 3 }), { nil: undefined }),
});

const one = (value: string): BaggageMember | undefined => parseBaggage(value).members[0];

describe('parseBaggage', () => {
  it('reads keys, values and properties (Baggage §3.2.1)', () => {
    expect(
      parseBaggage('key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue'),
    ).toEqual({
      members: [
        { key: 'key1', value: 'value1', properties: [{ key: 'property1' }, { key: 'property2' }] },
        { key: 'key2', value: 'value2' },
        { key: 'key3', value: 'value3', properties: [{ key: 'propertyKey', value: 'propertyValue' }] },
      ],
      rejected: 0,
      truncated: false,
    });
  });

  it('trims blanks and tabs around keys, values and properties (§3.2.1.2–4)', () => {
    expect(one(' \t userId \t=\t  alice \t; \t ttl \t = 30 \t')).toEqual({
      key: 'userId',
      value: 'alice',
      properties: [{ key: 'ttl', value: '30' }],
    });
  });

  it('decodes values as UTF-8 (§3.2.1.3)', () => {
    expect(one('serverNode=DF%2028')?.value).toBe('DF 28');
    expect(one('name=%E2%98%83%F0%9F%8E%89')?.value).toBe('☃🎉');
  });

  it.each([
    ['%C3', '\ufffd'],
    ['a%FFb', 'a\ufffdb'],
    ['%ED%A0%80', '\ufffd\ufffd\ufffd'],
  ])('replaces escapes that are not UTF-8: %s (§3.2.1.3)', (value, decoded) => {
    expect(one(`k=${value}`)?.value).toBe(decoded);
  });

  it.each(['100%', '%', '%4', '%zz'])('keeps a percent sign that begins no escape: %s', (value) => {
    expect(one(`k=${value}`)?.value).toBe(value);
  });

  it('keeps a byte order mark', () => {
    expect(one('k=%EF%BB%BFx')?.value).toBe('\ufeffx');
  });

  it('keeps equals signs in a value (§3.2.1.3)', () => {
    expect(one('token=a==')).toEqual({ key: 'token', value: 'a==' });
  });

  it('accepts an empty value (§3.2.1)', () => {
    expect(one('k=')).toEqual({ key: 'k', value: '' });
  });

  it('keeps members with the same key, in their order (§3.2.1.1)', () => {
    expect(parseBaggage('a=1,b=2,a=3').members.map(({ value }) => value)).toEqual(['1', '2', '3']);
  });

  it('takes __proto__ for a key like any other', () => {
    expect(one('__proto__=x')).toEqual({ key: '__proto__', value: 'x' });
  });

  it.each([
    ['no equals sign', 'novalue'],
    ['an empty key', '=1'],
    ['a blank in the key', 'a b=1'],
    ['a character outside ASCII in the key', 'ä=1'],
    ['a blank in the value', 'k=a b'],
    ['a quote in the value', 'k="a"'],
    ['a backslash in the value', 'k=a\\b'],
    ['a line feed at the end', 'k=a\n'],
    ['a no-break space', '\u00a0k=a'],
    ['an empty property', 'k=a;'],
    ['a malformed property', 'k=a;b c'],
  ])('leaves out a member with %s, whole, and counts it (§3.2.1)', (_, bad) => {
    expect(parseBaggage(`ok=1,${bad},fine=2`)).toEqual({
      members: [
        { key: 'ok', value: '1' },
        { key: 'fine', value: '2' },
      ],
      rejected: 1,
      truncated: false,
    });
  });

  it.each(['', ',', ' , ,\t'])('reads nothing from %j', (value) => {
    expect(parseBaggage(value)).toEqual({ members: [], rejected: 0, truncated: false });
  });

  it('reads 64 members and not one more (§3.2.2)', () => {
    const list = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=v`).join();
    expect(parseBaggage(list(64))).toMatchObject({ members: { length: 64 }, truncated: false });
    expect(parseBaggage(list(65))).toMatchObject({ members: { length: 64 }, truncated: true });
  });

  it('reads 8,192 bytes and no part of a member beyond (§3.2.2)', () => {
    const first = `a=${'x'.repeat(8000)}`;
    const fits = `${first},b=${'y'.repeat(8192 - first.length - 3)}`;
    expect(fits).toHaveLength(8192);
    expect(parseBaggage(fits)).toMatchObject({ members: { length: 2 }, truncated: false });
    expect(parseBaggage(`${fits}y`)).toMatchObject({ members: { length: 1 }, truncated: true });
  });

  it.each([
    [undefined, 0],
    [null, 0],
    [5, 1],
    [{}, 1],
    [['a=1'], 1],
  ])('reads nothing from %s, which is no text', (value, rejected) => {
    expect(parseBaggage(value)).toEqual({ members: [], rejected, truncated: false });
  });

  it('answers any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(parseBaggage(text).members.length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 300 },
    );
  });
});

describe('formatBaggage', () => {
  it('escapes what a value cannot hold, and the percent sign (§3.2.1.3)', () => {
    expect(formatBaggage([{ key: 'k', value: 'a b,c;d"e\\f%g=é☃' }])).toBe(
      'k=a%20b%2Cc%3Bd%22e%5Cf%25g=%C3%A9%E2%98%83',
    );
  });

  it('writes a lone surrogate as U+FFFD', () => {
    expect(formatBaggage([{ key: 'k', value: 'a\ud800b' }])).toBe('k=a%EF%BF%BDb');
  });

  it('leaves out a member whose key, or whose property, is no token', () => {
    expect(
      formatBaggage([
        { key: 'a b', value: '1' },
        { key: 'a', value: '1', properties: [{ key: 'x;y' }] },
        { key: 'b', value: '2' },
      ]),
    ).toBe('b=2');
  });

  it('writes nothing beyond 64 members (§3.2.2)', () => {
    const many = Array.from({ length: 70 }, (_, i) => ({ key: `k${i}`, value: '' }));
    expect(formatBaggage(many).split(',')).toHaveLength(64);
  });

  it('leaves out what would exceed 8,192 bytes, and keeps what fits after it (§3.2.2)', () => {
    const text = formatBaggage([
      { key: 'a', value: 'x'.repeat(8000) },
      { key: 'b', value: 'é'.repeat(100) },
      { key: 'c', value: '1' },
    ]);
    expect(text).toBe(`a=${'x'.repeat(8000)},c=1`);
  });

  it('writes what parseBaggage reads', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 20 }), (members) => {
        expect(parseBaggage(formatBaggage(members)).members).toEqual(members);
      }),
    );
  });
});

describe('forwardBaggage', () => {
  it('forwards nothing without a list', () => {
    expect(forwardBaggage('a=1,b=2')).toBeUndefined();
  });

  it('forwards the members on the list, with their properties', () => {
    expect(forwardBaggage('a=1;x=%20,b=2,c=3,a=4', ['a', 'c'])).toBe('a=1;x=%20,c=3,a=4');
  });

  it('forwards nothing when no member is on the list', () => {
    expect(forwardBaggage('a=1', ['b'])).toBeUndefined();
  });

  it('forwards nothing from what is no baggage', () => {
    expect(forwardBaggage(undefined, ['a'])).toBeUndefined();
  });
});
