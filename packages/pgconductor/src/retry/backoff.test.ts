import { describe, expect, it } from 'vitest';
import { type BackoffSetting, defaultBackoff, resolveBackoff } from './backoff.ts';

describe('the backoff of a task', () => {
  it('is ten seconds, doubling up to an hour, where nothing is said', () => {
    expect(resolveBackoff('backoff', undefined)).toBe(defaultBackoff);
    expect(defaultBackoff).toMatchObject({ delayMs: 10_000, factor: 2, maxDelayMs: 3_600_000 });
  });

  it('takes the defaults of what is left out', () => {
    expect(resolveBackoff('backoff', { type: 'exponential' })).toEqual(defaultBackoff);
  });

  it('keeps a list as it is at the time', () => {
    const list = [1, 2];
    const backoff = resolveBackoff('backoff', list);
    list.push(3);
    expect(backoff).toMatchObject({ delaysMs: [1, 2] });
  });

  it.each([
    ['', null],
    ['', 5],
    ['', 'fixed'],
    ['', {}],
    ['', { type: 'linear' }],
    ['', []],
    ['[1]', [0, -1]],
    ['[0]', ['5']],
    ['[0]', [Number.NaN]],
    ['.delayMs', { type: 'fixed' }],
    ['.delayMs', { type: 'fixed', delayMs: -1 }],
    ['.delayMs', { type: 'fixed', delayMs: 0.5 }],
    ['.delayMs', { type: 'fixed', delayMs: Number.POSITIVE_INFINITY }],
    ['.delayMs', { type: 'exponential', delayMs: 1e300 }],
    ['.maxDelayMs', { type: 'exponential', maxDelayMs: Number.NaN }],
    ['.factor', { type: 'exponential', factor: 0.5 }],
    ['.factor', { type: 'exponential', factor: '2' }],
    ['.jitter', { type: 'fixed', delayMs: 1, jitter: 1.1 }],
    ['.jitter', { type: 'exponential', jitter: -0.1 }],
    ['.delay', { type: 'exponential', delay: 5 }],
    ['.factor', { type: 'fixed', delayMs: 1, factor: 2 }],
  ])('refuses backoff%s of %o', (path, setting) => {
    expect(() => resolveBackoff('backoff', setting as BackoffSetting)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: `backoff${path}` }),
    );
  });
});
