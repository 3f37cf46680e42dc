import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../src/index.ts';

const draw = (random: SeededRandom): unknown[] => [
  random.below(1000),
  random.of(['a', 'b', 'c']),
  random.text(20),
  random.shuffled([1, 2, 3, 4, 5, 6]),
  random.fork().below(1000),
];

describe('SeededRandom', () => {
  it('gives the same for the same seed, and else something else', () => {
    expect(draw(new SeededRandom(7))).toEqual(draw(new SeededRandom(7)));
    expect(draw(new SeededRandom(7))).not.toEqual(draw(new SeededRandom(8)));
  });

  it('tells a seed that nobody chose', () => {
    const random = new SeededRandom();
    expect(draw(new SeededRandom(random.seed))).toEqual(draw(random));
  });

  it('keeps the items that it shuffles', () => {
    const items = [1, 2, 3, 4, 5];
    expect(new SeededRandom(3).shuffled(items).toSorted()).toEqual(items);
    expect(items).toEqual([1, 2, 3, 4, 5]);
  });

  it('reaches every number below its limit', () => {
    const random = new SeededRandom(1);
    expect(new Set(Array.from({ length: 200 }, () => random.below(10))).size).toBe(10);
  });
});
