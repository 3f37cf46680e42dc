import { describe, expect, it } from 'vitest';
import { ClaimSize } from './claim-size.ts';

describe('ClaimSize', () => {
  it('is none ahead after something was given back, however much it was', () => {
    const size = new ClaimSize(2, 500);
    for (let batch = 0; batch < 10; batch += 1) size.learn(true, 1, 100);
    expect(size.ahead).toBe(500);
    size.gaveBack();
    expect(size.ahead).toBe(0);
  });

  it('claims nothing ahead at first', () => {
    expect(new ClaimSize(10, 500).ahead).toBe(0);
  });

  it('doubles after full batches that were taken up at once, up to the largest batch', () => {
    const size = new ClaimSize(10, 50);
    const seen = Array.from({ length: 5 }, () => {
      size.learn(true, 1, 0);
      return size.ahead;
    });
    expect(seen).toEqual([10, 20, 40, 50, 50]);
  });

  it('stays as it is while there is less than it asks for', () => {
    const size = new ClaimSize(10, 50);
    size.learn(false, 1, 0);
    expect(size.ahead).toBe(0);
  });

  it.each([
    ['lay about', 1_001, 0],
    ['was heavy', 1, 5 * 2 ** 20],
  ])('halves after a batch that %s, down to nothing ahead', (_, tookMs, characters) => {
    const size = new ClaimSize(10, 500);
    size.learn(true, 1, 0);
    size.learn(true, 1, 0);
    size.learn(true, tookMs, characters);
    expect(size.ahead).toBe(10);
    size.learn(true, tookMs, characters);
    expect(size.ahead).toBe(0);
  });

  it('halves the largest batch that was refused, until one is left', () => {
    const size = new ClaimSize(10, 5);
    expect([size.refused(5), size.most]).toEqual([true, 2]);
    expect([size.refused(2), size.most]).toEqual([true, 1]);
    expect([size.refused(1), size.most]).toEqual([false, 1]);
  });

  it('lets the largest batch grow again when batches are light', () => {
    const size = new ClaimSize(10, 500);
    size.refused(500);
    size.learn(true, 1, 5 * 2 ** 20);
    expect(size.most).toBe(250);
    size.learn(true, 1, 0);
    expect(size.most).toBe(500);
  });
});
