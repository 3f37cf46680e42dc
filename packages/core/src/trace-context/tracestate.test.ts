import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deleteTraceStateKey,
  formatTraceState,
  getTraceStateValue,
  parseTraceState,
  setTraceStateValue,
  type TraceStateMember,
} from './tracestate.ts';

const keyCharacters = [...'abcdefghijklmnopqrstuvwxyz0123456789_-*/@'];
const valueCharacters = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).filter(
  (character) => character !== ',' && character !== '=',
);

const key = fc
  .tuple(
    fc.constantFrom(...keyCharacters.slice(0, 36)),
    fc.array(fc.constantFrom(...keyCharacters), { maxLength: 255 }),
  )
  .map(([first, rest]) => first + rest.join(''));
const value = fc
  .array(fc.constantFrom(...valueCharacters), { minLength: 1, maxLength: 256 })
  .map((characters) => characters.join(''))
  .filter((text) => text.trim() !== '' && !text.endsWith(' '));
const members = fc.array(fc.record({ key, value }), { minLength: 1, maxLength: 32 });

const listOf = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=v${i}`).join(',');
const parsed = (text: unknown): string | undefined => {
  const { members, reason } = parseTraceState(text);
  return reason ?? formatTraceState(members);
};

describe('parseTraceState', () => {
  it('reads members from left to right (Trace Context 2 §3.3.1.2)', () => {
    expect(parseTraceState('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE').members).toEqual([
      { key: 'rojo', value: '00f067aa0ba902b7' },
      { key: 'congo', value: 't61rcWkgMzE' },
    ]);
  });

  it.each(['', ' ', '\t', ',', ', ,\t,'])('accepts a list without members: %j (§3.3.1.1)', (text) => {
    expect(parseTraceState(text).members).toEqual([]);
  });

  it.each([
    ['foo=1 \t , \t bar=2, \t baz=3', 'foo=1,bar=2,baz=3'],
    ['\t foo=1 \t', 'foo=1'],
    [',foo=1,,bar=2,', 'foo=1,bar=2'],
  ])('skips empty members and trims blanks around the others: %j (§3.3.1.1)', (text, clean) => {
    expect(parsed(text)).toBe(clean);
  });

  it('keeps blanks that lead a value (§3.3.1.3.2)', () => {
    expect(parseTraceState('foo=  1').members).toEqual([{ key: 'foo', value: '  1' }]);
  });

  it('accepts every character of key and value (§3.3.1.3.1, §3.3.1.3.2)', () => {
    const text = `${keyCharacters.join('')}=${valueCharacters.join('')}`;
    expect(parsed(text)).toBe(text);
  });

  it.each(['foo@=1', 'foo@@bar=1', 'foo@bar@baz=1', '0=1', 't@vvvvvvvvvvvvvvvv=1'])(
    'takes @ for a key character like any other, and a digit for a first one: %s (§3.3.1.3.1)',
    (text) => {
      expect(parsed(text)).toBe(text);
    },
  );

  it('accepts a key of 256 characters (§3.3.1.3.1)', () => {
    expect(parsed(`${'z'.repeat(256)}=1`)).toBe(`${'z'.repeat(256)}=1`);
  });

  it('accepts a value of 256 characters (§3.3.1.3.2)', () => {
    expect(parsed(`k=${'z'.repeat(256)}`)).toBe(`k=${'z'.repeat(256)}`);
  });

  it('accepts 32 members (§3.3.1.1)', () => {
    expect(parseTraceState(listOf(32)).members).toHaveLength(32);
  });

  it('does not count empty members (§3.3.1.1)', () => {
    expect(parseTraceState(`,,${listOf(32)},,`).members).toHaveLength(32);
  });

  it('keeps members with the same key, in their order (§3.3.1.4)', () => {
    expect(parsed('foo=1,bar=2,foo=3')).toBe('foo=1,bar=2,foo=3');
  });

  it.each([
    ['a key that begins with @', '@foo=1'],
    ['a key that begins with _', '_foo=1'],
    ['an upper-case key', 'FOO=1'],
    ['a key with a dot', 'foo.bar=1'],
    ['a blank after the key', 'foo =1'],
    ['an empty key', '=1'],
    ['a key of 257 characters', `${'z'.repeat(257)}=1`],
    ['an empty value', 'foo='],
    ['a blank value', 'foo= '],
    ['an equals sign in the value', 'foo=bar=baz'],
    ['a value of 257 characters', `k=${'z'.repeat(257)}`],
    ['no equals sign', 'foo'],
    ['a tab inside a value', 'foo=a\tb'],
    ['a control character', 'foo=a\u0001'],
    ['a line feed at the end', 'foo=1\n'],
    ['a line feed between members', 'foo=1,\nbar=2'],
    ['DEL', 'foo=\u007f'],
    ['a no-break space around a member', '\u00a0foo=1'],
    ['a character outside ASCII', 'foo=é'],
  ])('voids the whole list for %s (§3.3.1.3)', (_, bad) => {
    expect(parseTraceState(`bar=2,${bad}`)).toEqual({ members: undefined, reason: 'tracestate_malformed' });
  });

  it.each([5, null, undefined, {}, ['foo=1'], Symbol('foo=1')])('refuses what is not text: %s', (value) => {
    expect(parseTraceState(value).reason).toBe('tracestate_malformed');
  });

  it('refuses 33 members (§3.3.1.1)', () => {
    expect(parseTraceState(listOf(33)).reason).toBe('tracestate_too_many_members');
  });

  it('refuses more than 32 KiB before it looks inside', () => {
    expect(parseTraceState(','.repeat(32_769)).reason).toBe('tracestate_too_large');
    expect(parseTraceState(','.repeat(32_768)).members).toEqual([]);
  });

  it('accepts the longest list that the standard allows', () => {
    const longest = Array.from(
      { length: 32 },
      (_, i) => `${String(i).padEnd(256, 'k')}=${'v'.repeat(256)}`,
    ).join();
    expect(longest).toHaveLength(16_447);
    expect(parsed(longest)).toBe(longest);
  });

  it('reads what formatTraceState writes', () => {
    fc.assert(
      fc.property(members, (list) => {
        expect(parseTraceState(formatTraceState(list)).members).toEqual(list);
      }),
    );
  });
});

describe('formatTraceState', () => {
  const list: TraceStateMember[] = [
    { key: 'a', value: '1' },
    { key: 'long', value: 'x'.repeat(130) },
    { key: 'b', value: '2' },
    { key: 'longer', value: 'y'.repeat(140) },
    { key: 'c', value: '3' },
  ];
  const text = formatTraceState(list);

  it('writes all members when no limit is given', () => {
    expect(text).toBe(`a=1,long=${'x'.repeat(130)},b=2,longer=${'y'.repeat(140)},c=3`);
  });

  it('cuts nothing that fits exactly', () => {
    expect(formatTraceState(list, { maxLength: text.length })).toBe(text);
  });

  it('cuts members above 128 characters first, from the end (§3.3.1.5)', () => {
    expect(formatTraceState(list, { maxLength: text.length - 1 })).toBe(
      `a=1,long=${'x'.repeat(130)},b=2,c=3`,
    );
    expect(formatTraceState(list, { maxLength: 100 })).toBe('a=1,b=2,c=3');
  });

  it('then cuts whole members from the end (§3.3.1.5)', () => {
    expect(formatTraceState(list, { maxLength: 10 })).toBe('a=1,b=2');
    expect(formatTraceState(list, { maxLength: 2 })).toBe('');
  });

  it('never exceeds its limit and never cuts a member', () => {
    fc.assert(
      fc.property(members, fc.nat(2000), (list, maxLength) => {
        const text = formatTraceState(list, { maxLength });
        expect(text.length).toBeLessThanOrEqual(maxLength);
        const whole = new Set(list.map(({ key, value }) => `${key}=${value}`));
        for (const member of text === '' ? [] : text.split(',')) expect(whole).toContain(member);
      }),
    );
  });
});

describe('getTraceStateValue', () => {
  it('gives the leftmost value of a key', () => {
    const { members = [] } = parseTraceState('a=1,b=2,a=3');
    expect(getTraceStateValue(members, 'a')).toBe('1');
  });

  it('gives undefined for a key that is not there', () => {
    expect(getTraceStateValue([], 'a')).toBeUndefined();
  });
});

describe('setTraceStateValue', () => {
  const { members: before = [] } = parseTraceState('a=1,b=2,c=3');
  const after = (key: string, value: string): string | undefined => {
    const changed = setTraceStateValue(before, key, value);
    return changed && formatTraceState(changed);
  };

  it('moves a changed member to the front and keeps the order of the others (§3.5)', () => {
    expect(after('b', '9')).toBe('b=9,a=1,c=3');
  });

  it('puts a new member in front (§3.5)', () => {
    expect(after('d', '4')).toBe('d=4,a=1,b=2,c=3');
  });

  it('replaces all members with the same key by one (§3.3.1.4)', () => {
    const { members = [] } = parseTraceState('a=1,b=2,a=3');
    expect(setTraceStateValue(members, 'a', '4')).toEqual([
      { key: 'a', value: '4' },
      { key: 'b', value: '2' },
    ]);
  });

  it('drops the last member when a 33rd comes (§3.3.1.5)', () => {
    const { members = [] } = parseTraceState(listOf(32));
    const changed = setTraceStateValue(members, 'new', '1');
    expect(changed).toHaveLength(32);
    expect(changed?.[31]).toEqual({ key: 'k30', value: 'v30' });
  });

  it.each([
    ['A', '1'],
    ['', '1'],
    ['a', ''],
    ['a', '1,b=2'],
    ['a', 'x '],
    ['a=b', '1'],
    ['a,b', '1'],
    [' a', '1'],
    ['a', '1\n'],
    ['z'.repeat(257), '1'],
  ])('refuses key %j with value %j', (key, value) => {
    expect(after(key, value)).toBeUndefined();
  });

  it('leaves the given list alone', () => {
    after('a', '2');
    expect(formatTraceState(before)).toBe('a=1,b=2,c=3');
  });

  it('keeps every list readable', () => {
    fc.assert(
      fc.property(members, key, value, (list, key, value) => {
        const changed = setTraceStateValue(list, key, value);
        expect(changed?.[0]).toEqual({ key, value });
        expect(changed?.length).toBeLessThanOrEqual(32);
      }),
    );
  });
});

describe('deleteTraceStateKey', () => {
  it('removes every member with the key and keeps the order of the others (§3.5)', () => {
    const { members = [] } = parseTraceState('a=1,b=2,a=3,c=4');
    expect(formatTraceState(deleteTraceStateKey(members, 'a'))).toBe('b=2,c=4');
  });
});
