import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BackoffSetting, resolveBackoff } from './backoff.ts';
import { retryDelay } from './retry-delay.ts';

const delays = (
  setting: BackoffSetting | undefined,
  failures: readonly number[],
  random = () => 0,
): number[] =>
  failures.map((count) => retryDelay(resolveBackoff('backoff', setting), failed(count), random).delayMs);
const failed = (failures: number) => ({ failures, error: new Error('no') });

describe('retryDelay', () => {
  it('is always the same with a fixed backoff', () => {
    expect(delays({ type: 'fixed', delayMs: 500 }, [1, 2, 30])).toEqual([500, 500, 500]);
  });

  it('grows with an exponential backoff, up to the longest', () => {
    expect(delays({ type: 'exponential', delayMs: 100, factor: 3, maxDelayMs: 1_000 }, [1, 2, 3, 4])).toEqual(
      [100, 300, 900, 1_000],
    );
  });

  it('doubles from ten seconds to an hour by default', () => {
    expect(delays(undefined, [1, 2, 3, 100])).toEqual([10_000, 20_000, 40_000, 3_600_000]);
  });

  it('repeats the last of a list', () => {
    expect(delays([1, 20, 300], [1, 2, 3, 4])).toEqual([1, 20, 300, 300]);
  });

  it('leaves a list exact', () => {
    expect(delays([1_000], [1], () => 0.99)).toEqual([1_000]);
  });

  it('takes the share of the jitter away by chance', () => {
    const setting = { type: 'fixed', delayMs: 1_000, jitter: 0.4 } as const;
    expect(delays(setting, [1], () => 0)).toEqual([1_000]);
    expect(delays(setting, [1], () => 0.5)).toEqual([800]);
    expect(delays(setting, [1], () => 0.999_999)).toEqual([600]);
  });

  it('asks a function, with the failure', () => {
    const backoff = resolveBackoff('backoff', ({ failures, error }) =>
      error instanceof RangeError ? 1 : failures * 7,
    );
    expect(retryDelay(backoff, failed(3))).toEqual({ delayMs: 21 });
    expect(retryDelay(backoff, { failures: 3, error: new RangeError() })).toEqual({ delayMs: 1 });
  });

  it('keeps what a function tells within what a date can hold', () => {
    expect(delays(() => Number.POSITIVE_INFINITY, [1])).toEqual([9e12]);
    expect(delays(() => 0.4, [1])).toEqual([0]);
  });

  it('answers with the default where a function throws, and tells why', () => {
    const problem = new Error('no');
    const backoff = resolveBackoff('backoff', () => {
      throw problem;
    });
    expect(retryDelay(backoff, failed(2), () => 0)).toEqual({ delayMs: 20_000, problem });
  });

  it.each([Number.NaN, -1, '5', undefined, null, Promise.resolve(5)])(
    'answers with the default where a function tells %o',
    (told) => {
      const backoff = resolveBackoff('backoff', () => told as never);
      expect(retryDelay(backoff, failed(1), () => 0)).toEqual({
        delayMs: 10_000,
        problem: expect.any(TypeError),
      });
    },
  );

  it('hears a promise reject that a function told', async () => {
    const backoff = resolveBackoff('backoff', () => Promise.reject(new Error('no')) as never);
    expect(retryDelay(backoff, failed(1), () => 0)).toMatchObject({ delayMs: 10_000 });
  });

  it('is whole milliseconds from 0 to the longest, whatever the setting', () => {
    const delay = fc.integer({ min: 0, max: 9e12 });
    const setting: fc.Arbitrary<BackoffSetting> = fc.oneof(
      fc.record({
        type: fc.constant('fixed' as const),
        delayMs: delay,
        jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({
        type: fc.constant('exponential' as const),
        delayMs: delay,
        factor: fc.double({ min: 1, max: 1e300, noNaN: true }),
        maxDelayMs: delay,
        jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.array(delay, { minLength: 1 }),
    );
    fc.assert(
      fc.property(
        setting,
        fc.nat(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (given, failures, chance) => {
          const { delayMs } = retryDelay(resolveBackoff('backoff', given), failed(failures), () => chance);
          return Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= 9e12;
        },
      ),
    );
  });
});
