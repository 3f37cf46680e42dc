import { metrics } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import {
  type ObservedMeasurement,
  type TelemetryUnderTest,
  testPropagation,
  testTelemetry,
} from '@throughline/conformance';
import { type Attributes, combineTelemetry, resolveTelemetry, type Telemetry } from '@throughline/core';
import { createRecordingTelemetry } from '@throughline/core/testing';
import { createOtelTelemetry, type OtelTelemetryOptions } from '@throughline/otel';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { observedSpan } from './observed-spans.ts';
import {
  createMetrics,
  createTracing,
  registerContextManager,
  registerPropagator,
  registerTracing,
  unregisterEverything,
} from './real-sdk.ts';

const own = { givenIdentity: false, importSpans: false, entities: false } as const;

/** A telemetry on a registered SDK, and what that SDK exports. */
function onRegisteredSdk(
  finish: (telemetry: Telemetry) => Telemetry = (telemetry) => telemetry,
): TelemetryUnderTest {
  unregisterEverything();
  const tracing = registerTracing();
  const real = createMetrics();
  metrics.setGlobalMeterProvider(real.provider);
  return {
    telemetry: finish(createOtelTelemetry()),
    spans: () => tracing.spans().map(observedSpan),
    measurements: async () => (await real.collect()).flatMap(measurementsOf),
    close: unregisterEverything,
  };
}

function measurementsOf({ descriptor, dataPoints }: MetricData): ObservedMeasurement[] {
  return dataPoints.map(({ value, attributes }) => ({
    name: descriptor.name,
    value: typeof value === 'number' ? value : (value.sum ?? 0),
    attributes: attributes as Attributes,
  }));
}

describe('createOtelTelemetry on a registered SDK', () => {
  testTelemetry({ test, open: () => onRegisteredSdk(), capabilities: own });
});

describe('createOtelTelemetry on providers of its own', () => {
  beforeAll(registerContextManager);
  afterAll(unregisterEverything);

  testTelemetry({
    test,
    open() {
      const tracing = createTracing();
      const real = createMetrics();
      const options: OtelTelemetryOptions = {
        tracerProvider: tracing.provider,
        meterProvider: real.provider,
      };
      return {
        telemetry: createOtelTelemetry(options),
        spans: () => tracing.spans().map(observedSpan),
        measurements: async () => (await real.collect()).flatMap(measurementsOf),
      };
    },
    capabilities: own,
  });
});

describe('createOtelTelemetry without a context manager', () => {
  testTelemetry({
    test,
    open() {
      unregisterEverything();
      const tracing = createTracing();
      return {
        telemetry: createOtelTelemetry({ tracerProvider: tracing.provider, metrics: false }),
        spans: () => tracing.spans().map(observedSpan),
      };
    },
    capabilities: { ...own, ambient: false, measurements: false },
  });
});

describe('createOtelTelemetry behind a guard', () => {
  testTelemetry({ test, open: () => onRegisteredSdk(resolveTelemetry), capabilities: own });
});

describe('createOtelTelemetry combined with another telemetry', () => {
  testTelemetry({
    test,
    open: () =>
      onRegisteredSdk((telemetry) => {
        const follower = createRecordingTelemetry();
        return combineTelemetry(telemetry, { startSpan: follower.startSpan.bind(follower) });
      }),
    capabilities: own,
  });
});

describe.each(['global', 'w3c'] as const)(
  'the propagation of createOtelTelemetry, by the propagator %s',
  (propagator) => {
    beforeAll(() => registerPropagator());
    afterAll(unregisterEverything);

    testPropagation({ test, open: () => createOtelTelemetry({ propagator }).propagation });
  },
);

describe('the propagation of createOtelTelemetry, when no propagator is registered', () => {
  beforeAll(unregisterEverything);

  testPropagation({ test, open: () => createOtelTelemetry().propagation });
});
