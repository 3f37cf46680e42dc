import { OptionInvalidError } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { createOtelTelemetry } from './create-otel-telemetry.ts';

describe('createOtelTelemetry', () => {
  it('takes no options', () => {
    expect(createOtelTelemetry().identity).toBe('own');
  });

  it('takes undefined for every option', () => {
    const options = {
      tracer: undefined,
      meter: undefined,
      scope: undefined,
      propagator: undefined,
      metrics: undefined,
    };
    expect(() => createOtelTelemetry(options)).not.toThrow();
  });

  it.each([
    ['options', null],
    ['tracer', {}],
    ['meter', 'global'],
    ['tracerProvider', { startSpan() {} }],
    ['meterProvider', 5],
    ['scope', ''],
    ['scopeVersion', 2],
    ['propagator', 'b3'],
    ['propagator', { inject() {} }],
    ['successStatus', 'OK'],
    ['recordExceptions', 'yes'],
    ['recordStacks', 1],
    ['metrics', {}],
    ['forceFlush', true],
    ['importSpans', {}],
    ['tracerprovider', {}],
    ['recordStack', false],
  ])('refuses %s: %o', (name, value) => {
    const options: unknown = name === 'options' ? value : { [name]: value };
    expect(() => createOtelTelemetry(options as object)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: `createOtelTelemetry.${name}` }),
    );
    expect(() => createOtelTelemetry(options as object)).toThrow(OptionInvalidError);
  });

  it('has importSpans only when there is somebody to take them', () => {
    const importSpans = (): void => {};
    expect('importSpans' in createOtelTelemetry()).toBe(false);
    expect(createOtelTelemetry({ importSpans }).importSpans).toBe(importSpans);
  });
});
