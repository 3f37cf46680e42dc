import { OptionInvalidError } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { type BullmqTelemetryOptions, defaultSettings, resolveSettings } from './bullmq-settings.ts';

describe('the settings of bullmqTelemetry', () => {
  it('are the defaults where nothing, or undefined, is said', () => {
    const silent: BullmqTelemetryOptions = {
      prefix: undefined,
      internalSpans: undefined,
      relation: undefined,
      bulkThreshold: undefined,
      delayThresholdMs: undefined,
      names: undefined,
      capture: undefined,
    };
    expect(resolveSettings(silent)).toEqual(defaultSettings);
  });

  it('take Infinity for never', () => {
    const never = { bulkThreshold: Number.POSITIVE_INFINITY, delayThresholdMs: Number.POSITIVE_INFINITY };
    expect(resolveSettings(never)).toMatchObject(never);
  });

  it.each([
    ['prefix', 5],
    ['internalSpans', 'no'],
    ['relation', null],
    ['bulkThreshold', 0],
    ['bulkThreshold', Number.NaN],
    ['bulkThreshold', '3'],
    ['bulkThreshold', true],
    ['delayThresholdMs', -1],
    ['delayThresholdMs', null],
    ['delayThresholdMs', '60000'],
    ['names', 'otel'],
    ['capture', null],
    ['capture', 'data'],
    ['capture', ['data']],
    ['capture.data', null],
    ['capture.result', true],
    ['capture.errorMessages', 'no'],
    ['relaton', 'link'],
    ['capture.errorMesages', false],
    ['toString', 'x'],
  ])('refuse %s: %o', (path, value) => {
    const [name = '', inner] = path.split('.');
    const options = { [name]: inner === undefined ? value : { [inner]: value } };
    expect(() => resolveSettings(options)).toThrow(
      expect.objectContaining({ name: OptionInvalidError.name, option: `bullmqTelemetry.${path}` }),
    );
  });

  it.each([null, 5, 'link', []])('refuse %o in their place', (options) => {
    expect(() => resolveSettings(options as never)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: 'bullmqTelemetry' }),
    );
  });

  it('name what there is where one is mistyped', () => {
    const options: object = { relaton: 'link' };
    expect(() => resolveSettings(options)).toThrow(/prefix, internalSpans, relation,/);
  });
});
