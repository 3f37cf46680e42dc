import { describe, expect, it } from 'vitest';
import { describeValue } from './describe-value.ts';

describe('describeValue', () => {
  it('shows a text in quotes, as far as it is short', () => {
    expect(describeValue('a "text"')).toBe('"a \\"text\\""');
    expect(describeValue('x'.repeat(99))).toBe(`"${'x'.repeat(60)}…"`);
  });

  it('shows no user and no password of a URL, wherever it was put', () => {
    expect(describeValue('postgres://ada:s3cr@t@db.example/app')).toBe('"postgres://…@db.example/app"');
    expect(describeValue('https://example.org/@ada')).toBe('"https://example.org/@ada"');
  });

  it('shows nothing of what objects and functions hold', () => {
    expect([
      describeValue({ password: 's3cret' }),
      describeValue([1]),
      describeValue(() => 's3cret'),
    ]).toEqual(['an object', 'an array', 'a function']);
  });
});
