import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Repeating } from './repeating.ts';

describe('work that is repeated', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is done once at a time again when it was stopped and started while a run was on its way', async () => {
    const ends: (() => void)[] = [];
    const work = () => new Promise<number>((resolve) => void ends.push(() => resolve(10)));
    const repeating = new Repeating(work, 1_000, () => {});
    repeating.start();
    void repeating.stop();
    repeating.start();
    for (const end of ends) end();
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(3);
    void repeating.stop();
  });

  it('goes on with its own pause although a run from before its stop ends later', async () => {
    const ends: ((pauseMs: number) => void)[] = [];
    const work = () => new Promise<number>((resolve) => void ends.push(resolve));
    const repeating = new Repeating(work, 1_000, () => {});
    repeating.start();
    void repeating.stop();
    repeating.start();
    ends[1]?.(10_000);
    await vi.advanceTimersByTimeAsync(100);
    ends[0]?.(10);
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(2);
    void repeating.stop();
  });
});
