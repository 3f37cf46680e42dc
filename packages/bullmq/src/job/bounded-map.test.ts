import { describe, expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

describe('BoundedMap', () => {
  it('gives what was set', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    expect(map.get('a')).toBe(1);
  });

  it('forgets what was taken', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    expect([map.take('a'), map.take('a'), map.size]).toEqual([1, undefined, 0]);
  });

  it('hands out its oldest entry when it is full', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.set('c', 3)).toBe(1);
    expect(map.takeAll()).toEqual([2, 3]);
  });

  it('hands out the earlier value of the same key, and nothing else', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.set('a', 3)).toBe(1);
    expect(map.takeAll()).toEqual([2, 3]);
  });
});
