import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

const noon = Date.UTC(2026, 0, 31, 12);

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('systemClock', () => {
  it('tells the wall clock time', () => {
    expect(systemClock.now()).toBeCloseTo(noon, 6);
  });

  it('follows the wall clock when that is set forward or back', () => {
    systemClock.now();
    vi.setSystemTime(noon + 3_600_000);
    expect(systemClock.now()).toBeCloseTo(noon + 3_600_000, 6);
    vi.setSystemTime(noon);
    expect(systemClock.now()).toBeCloseTo(noon, 6);
  });

  it('never goes back by itself', () => {
    vi.useRealTimers();
    let last = systemClock.now();
    for (let i = 0; i < 10_000; i++) {
      const now = systemClock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  it('calls once, after the delay', () => {
    const callback = vi.fn();
    systemClock.schedule(callback, 100, false);
    vi.advanceTimersByTime(99);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('does not call when canceled', () => {
    const callback = vi.fn();
    systemClock.schedule(callback, 100, true)();
    vi.advanceTimersByTime(1000);
    expect(callback).not.toHaveBeenCalled();
  });

  it.each([true, false])('holds the process: %s', (holdsProcess) => {
    vi.useRealTimers();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const cancel = systemClock.schedule(() => {}, 10_000, holdsProcess);
    const set = timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef());
    cancel();
    timers.mockRestore();
    expect(set).toEqual([holdsProcess]);
  });

  it('waits for delays that timers cannot express instead of calling at once', () => {
    const callback = vi.fn();
    systemClock.schedule(callback, Number.MAX_SAFE_INTEGER, false);
    vi.advanceTimersByTime(1000);
    expect(callback).not.toHaveBeenCalled();
  });
});
