import * as api from 'api-1-10';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMetrics, createTracing, registerTracing, unregisterEverything } from '../test/real-sdk.ts';
import { createOtelTelemetry } from './create-otel-telemetry.ts';

afterEach(() => {
  unregisterEverything();
  api.trace.disable();
  vi.doUnmock('@opentelemetry/api');
  vi.resetModules();
});

/** Our own modules once more, this time on the newer API. */
async function onApi110(): Promise<typeof import('./create-otel-telemetry.ts')> {
  vi.resetModules();
  vi.doMock('@opentelemetry/api', () => import('api-1-10'));
  return import('./create-otel-telemetry.ts');
}

describe('@opentelemetry/api 1.10', () => {
  it('records through providers that were registered with it', async () => {
    const tracing = createTracing();
    const real = createMetrics();
    api.trace.setGlobalTracerProvider(tracing.provider);
    api.metrics.setGlobalMeterProvider(real.provider as unknown as api.MeterProvider);
    const telemetry = (await onApi110()).createOtelTelemetry();
    expect([telemetry.isEnabled('spans'), telemetry.isEnabled('measurements')]).toEqual([true, true]);
    telemetry.startSpan('work').end();
    telemetry.observe({ kind: 'gauge', name: 'depth', unit: '1' }, (observe) => observe(1));
    expect(tracing.span('work').ended).toBe(true);
    expect((await real.metric('depth')).dataPoints).toMatchObject([{ value: 1 }]);
  });

  it('knows when nothing is registered', async () => {
    const telemetry = (await onApi110()).createOtelTelemetry();
    expect([telemetry.isEnabled('spans'), telemetry.isEnabled('measurements')]).toEqual([false, false]);
    expect(await telemetry.flush()).toEqual({ complete: 'unknown', reason: 'unsupported' });
  });

  it('may be what the application registers with while we load 1.9', () => {
    const tracing = createTracing();
    api.trace.setGlobalTracerProvider(tracing.provider);
    createOtelTelemetry().startSpan('work').end();
    expect(tracing.span('work').ended).toBe(true);
  });

  it('cannot see what was registered with 1.9, and says so', async () => {
    registerTracing();
    const telemetry = (await onApi110()).createOtelTelemetry();
    expect(telemetry.isEnabled('spans')).toBe(false);
  });
});
