import { afterEach, describe, expect, it } from 'vitest';
import { createTracing, registerMetrics, registerTracing, unregisterEverything } from '../test/real-sdk.ts';
import { diagnoseOtel } from './diagnose-otel.ts';

const codes = (): readonly string[] => diagnoseOtel().map(({ code }) => code);

afterEach(unregisterEverything);

describe('diagnoseOtel', () => {
  it('finds nothing where an SDK has registered everything', () => {
    registerTracing();
    registerMetrics();
    expect(diagnoseOtel()).toEqual([]);
  });

  it('tells all that is missing where nothing is registered', () => {
    expect(codes()).toEqual([
      'no_tracer_provider',
      'no_meter_provider',
      'no_context_manager',
      'no_propagator',
    ]);
  });

  it('tells that metrics are missing beside tracing', () => {
    registerTracing();
    expect(codes()).toEqual(['no_meter_provider']);
  });

  it('tells of an SDK that is registered with a copy of the API it cannot see', () => {
    const older = { version: '1.0.0', trace: createTracing().provider };
    Object.assign(globalThis, { [Symbol.for('opentelemetry.js.api.1')]: older });
    const [finding] = diagnoseOtel();
    Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'));
    expect(finding).toMatchObject({ code: 'otel_api_copies', level: 'error' });
    expect(finding?.message).toContain('@opentelemetry/api 1.0.0');
  });
});
