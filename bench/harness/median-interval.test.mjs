import { describe, expect, it } from 'vitest';
import { medianInterval } from './median-interval.mjs';

/** @param {number} count */
const upTo = (count) => Array.from({ length: count }, (_, index) => index + 1);

describe('medianInterval', () => {
  it('takes the middle of an odd number of values, in any order', () => {
    expect(medianInterval([5, 1, 3]).median).toBe(3);
  });

  it('takes the mean of the two in the middle of an even number', () => {
    expect(medianInterval([4, 1, 2, 3]).median).toBe(2.5);
  });

  it('has the ranks 6 and 16 of 21 values, the narrowest with at least 95 % of the binomial distribution', () => {
    expect(medianInterval(upTo(21))).toEqual({ median: 11, low: 6, high: 16 });
  });

  it('is the whole range when there are too few values to say more', () => {
    expect(medianInterval(upTo(5))).toEqual({ median: 3, low: 1, high: 5 });
  });
});
