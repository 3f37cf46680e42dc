import { describe, expect, it } from 'vitest';
import { defaultBackoff } from '../retry/backoff.ts';
import { resolveTaskSettings, type TaskSettings } from './task-settings.ts';

const dayMs = 86_400_000;

describe('the settings of a task', () => {
  it('are the defaults where nothing, or undefined, is said', () => {
    const silent: TaskSettings = {
      name: 'greet',
      queue: undefined,
      maxAttempts: undefined,
      backoff: undefined,
      concurrency: undefined,
      concurrencyKey: undefined,
      window: undefined,
      batch: undefined,
      timeoutMs: undefined,
      removeOnComplete: undefined,
      removeOnFail: undefined,
    };
    expect(resolveTaskSettings(silent)).toEqual(resolveTaskSettings({ name: 'greet' }));
    expect(resolveTaskSettings(silent)).toEqual({
      name: 'greet',
      queue: undefined,
      maxAttempts: 3,
      backoff: defaultBackoff,
      concurrency: undefined,
      concurrencyKey: undefined,
      window: undefined,
      batch: undefined,
      timeoutMs: undefined,
      keepCompletedMs: 7 * dayMs,
      keepFailedMs: 30 * dayMs,
    });
  });

  it('are as they were when the task was made', () => {
    const settings = { name: 'greet', batch: { size: 5 } };
    const resolved = resolveTaskSettings(settings);
    settings.batch.size = 6;
    expect(resolved.batch).toEqual({ size: 5, timeoutMs: 1_000 });
    expect(Object.isFrozen(resolved)).toBe(true);
  });

  it('count by a field of the payload, which may lie deep', () => {
    const settings = { name: 'greet', concurrency: 1 };
    expect(resolveTaskSettings({ ...settings, concurrencyKey: 'tenant' }).concurrencyKey).toEqual(['tenant']);
    expect(resolveTaskSettings({ ...settings, concurrencyKey: 'new.tenant id' }).concurrencyKey).toEqual([
      'new',
      'tenant id',
    ]);
  });

  it('keep what has ended for some days, for ever, or not at all', () => {
    const kept = (removeOnComplete: TaskSettings['removeOnComplete']) =>
      resolveTaskSettings({ name: 'greet', removeOnComplete }).keepCompletedMs;
    expect([kept(true), kept({ days: 0.5 }), kept(false)]).toEqual([0, dayMs / 2, Number.POSITIVE_INFINITY]);
  });

  it.each([
    ['name', ''],
    ['name', 'a\0b'],
    ['name', 'x'.repeat(256)],
    ['name', undefined],
    ['queue', ''],
    ['queue', 5],
    ['maxAttempts', 0],
    ['maxAttempts', -1],
    ['maxAttempts', 1.5],
    ['maxAttempts', Number.NaN],
    ['maxAttempts', Number.POSITIVE_INFINITY],
    ['maxAttempts', '3'],
    ['maxAttempts', null],
    ['maxAttempts', 32_768],
    ['backoff', 'exponential'],
    ['backoff.delayMs', { type: 'fixed', delayMs: -1 }],
    ['concurrency', 0],
    ['concurrency', Number.NaN],
    ['concurrency', '5'],
    ['concurrencyKey', ''],
    ['concurrencyKey', 'a..b'],
    ['concurrencyKey', () => 'a'],
    ['window', '22:00-06:00'],
    ['window.start', { start: '25:00', end: '06:00' }],
    ['batch', 5],
    ['batch.size', { size: 0 }],
    ['batch.size', { timeoutMs: 5 }],
    ['batch.size', { size: 10_001 }],
    ['batch.timeoutMs', { size: 5, timeoutMs: -1 }],
    ['batch.timeoutMs', { size: 5, timeoutMs: 2 ** 31 }],
    ['batch.wait', { size: 5, wait: 5 }],
    ['timeoutMs', 0],
    ['timeoutMs', 2 ** 31],
    ['timeoutMs', Number.NaN],
    ['removeOnComplete', 7],
    ['removeOnComplete.days', { days: 0 }],
    ['removeOnComplete.days', { days: Number.NaN }],
    ['removeOnFail.days', { days: '7' }],
    ['removeOnFail.hours', { days: 1, hours: 7 }],
    ['removeOnFail', null],
    ['maxAttempt', 3],
    ['toString', 'x'],
  ])('refuse %s: %o', (path, value) => {
    const [name = ''] = path.split('.');
    const settings = { name: 'greet', concurrency: 1, [name]: value };
    expect(() => resolveTaskSettings(settings as never)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: `createTask.${path}` }),
    );
  });

  it('refuse a key where there is nothing to limit', () => {
    expect(() => resolveTaskSettings({ name: 'greet', concurrencyKey: 'tenant' })).toThrow(
      expect.objectContaining({ option: 'createTask.concurrency' }),
    );
  });

  it.each([null, undefined, 'greet', []])('refuse %o in their place', (settings) => {
    expect(() => resolveTaskSettings(settings as never)).toThrow(
      expect.objectContaining({ option: 'createTask' }),
    );
  });

  it('name what there is where one is mistyped', () => {
    expect(() => resolveTaskSettings({ name: 'greet', maxAttempt: 3 } as never)).toThrow(
      'createTask.maxAttempt is 3; give only what exists: name, queue, maxAttempts, backoff,',
    );
  });
});
