import { describe, expect, it } from 'vitest';
import { isNonRetryable, NonRetryableError } from './non-retryable-error.ts';

describe('NonRetryableError', () => {
  it('has a name, a code and its cause', () => {
    const cause = new Error('declined');
    expect(new NonRetryableError('no funds', { cause })).toMatchObject({
      name: 'NonRetryableError',
      code: 'THROUGHLINE_PGCONDUCTOR_NON_RETRYABLE',
      message: 'no funds',
      cause,
    });
  });

  it('is known by isNonRetryable, and nothing else is', () => {
    expect(isNonRetryable(new NonRetryableError('no'))).toBe(true);
    expect(
      [new Error('no'), { code: 'THROUGHLINE_PGCONDUCTOR_NON_RETRYABLE' }, null, undefined].map(
        isNonRetryable,
      ),
    ).toEqual([false, false, false, false]);
  });
});
