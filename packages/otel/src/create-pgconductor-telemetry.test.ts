import { describe, expect, it } from 'vitest';
import { createMetrics, createTracing } from '../test/real-sdk.ts';
import { createPgConductorTelemetry } from './create-pgconductor-telemetry.ts';

describe('createPgConductorTelemetry', () => {
  it('writes its spans in the scope pgconductor', () => {
    const { provider, span } = createTracing();
    createPgConductorTelemetry({ tracerProvider: provider }).startSpan('process mail').end();

    expect(span('process mail').instrumentationScope.name).toBe('pgconductor');
  });

  it('takes the other options of createOtelTelemetry, and refuses what that refuses', () => {
    const { provider } = createMetrics();

    expect(createPgConductorTelemetry({ meterProvider: provider }).isEnabled('measurements')).toBe(true);
    expect(() => createPgConductorTelemetry({ successStatus: 'OK' as never })).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID' }),
    );
  });
});
