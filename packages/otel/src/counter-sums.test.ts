import {
  type Attributes as ApiAttributes,
  type Context,
  context,
  createContextKey,
  metrics,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import {
  AggregationTemporality,
  createAllowListAttributesProcessor,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { type Attributes, defineEventKind, resolveTelemetry, telemetryHealth } from '@throughline/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerContextManager, registerMetrics, unregisterEverything } from '../test/real-sdk.ts';
import { createOtelTelemetry } from './create-otel-telemetry.ts';

interface Sent {
  readonly attributes: Attributes;
  readonly count: number;
}

const sent = defineEventKind<Sent>('sent', [
  {
    kind: 'counter',
    name: 'sent',
    unit: '{message}',
    value: (event) => event.count,
    attributes: (event) => event.attributes,
  },
  {
    kind: 'up_down_counter',
    name: 'in_flight',
    unit: '{message}',
    value: (event) => event.count,
    attributes: (event) => event.attributes,
  },
]);

const mail: Attributes = Object.freeze({ queue: 'mail', outcome: 'ok' });
const mailFailed: Attributes = Object.freeze({ queue: 'mail', outcome: 'error' });
const sms: Attributes = Object.freeze({ queue: 'sms', outcome: 'ok' });

/** A registered meter provider whose reader exports what is asked for. */
function registerReader(temporality: AggregationTemporality, views: ViewOptions[] = []) {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader], views });
  metrics.setGlobalMeterProvider(provider);
  const points = async (name = 'sent') => {
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  };
  return { exporter, provider, points };
}

/** How often the SDK is added to, and what. */
function spyOnAdditions() {
  const additions: unknown[][] = [];
  const counter = { add: (...args: unknown[]) => void additions.push(args) };
  const meter = metrics.getMeter('spied');
  vi.spyOn(meter, 'createCounter').mockReturnValue(counter);
  const telemetry = createOtelTelemetry({ meter });
  return { additions, telemetry, counter };
}

function milliseconds([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1_000 + nanoseconds / 1e6;
}

afterEach(() => {
  vi.restoreAllMocks();
  unregisterEverything();
});

describe('counting the same attribute set several times in one turn of the event loop', () => {
  it('adds to the counter of the meter once', async () => {
    const { additions, telemetry } = spyOnAdditions();
    for (const count of [1, 2, 3]) telemetry.emitEvent(sent, { attributes: mail, count });
    await Promise.resolve();

    expect(additions).toEqual([[6, mail]]);
  });

  it('is in a collection that begins at once', async () => {
    const { points } = registerReader(AggregationTemporality.CUMULATIVE);
    const telemetry = createOtelTelemetry();
    for (const count of [1, 2, 3]) telemetry.emitEvent(sent, { attributes: mail, count });

    expect(await points()).toMatchObject([{ value: 6 }]);
  });

  it('is exported when the provider is shut down at once', async () => {
    const { exporter, provider } = registerReader(AggregationTemporality.CUMULATIVE);
    const exported = vi.spyOn(exporter, 'export');
    const telemetry = createOtelTelemetry();
    for (const count of [1, 2, 3]) telemetry.emitEvent(sent, { attributes: mail, count });
    await provider.shutdown();

    const metric = exported.mock.calls[0]?.[0].scopeMetrics[0]?.metrics[0];
    expect(metric?.dataPoints).toMatchObject([{ value: 6 }]);
  });

  it('gives the sums that single additions give, for any sequence of sets, values and turns', async () => {
    const sets = [mail, mailFailed, sms, { queue: 'sms', outcome: 'ok' }];
    const step = fc.record({
      set: fc.nat(3),
      count: fc.oneof(fc.nat(9), fc.constant(0.5)),
      isLast: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const { points } = registerReader(AggregationTemporality.CUMULATIVE);
        const telemetry = createOtelTelemetry();
        const expected = new Map<string, number>();
        for (const { set, count, isLast } of steps) {
          const attributes = sets[set] ?? mail;
          const key = JSON.stringify(attributes);
          expected.set(key, (expected.get(key) ?? 0) + count);
          telemetry.emitEvent(sent, { attributes, count });
          if (isLast) await Promise.resolve();
        }

        const sums = (await points()).map((point) => [JSON.stringify(point.attributes), point.value]);
        expect(new Map(sums as [string, number][])).toEqual(expected);
        unregisterEverything();
      }),
      { numRuns: 50 },
    );
  });

  it('counts what a counter that only goes up takes, where it is given less than nothing', async () => {
    const { points } = registerReader(AggregationTemporality.CUMULATIVE);
    const telemetry = createOtelTelemetry();
    for (const count of [5, -2]) telemetry.emitEvent(sent, { attributes: mail, count });

    expect(await points('sent')).toMatchObject([{ value: 5 }]);
  });

  it('holds for counters that go down, too', async () => {
    const { points } = registerReader(AggregationTemporality.CUMULATIVE);
    const telemetry = createOtelTelemetry();
    for (const count of [5, -2]) telemetry.emitEvent(sent, { attributes: mail, count });

    expect(await points('in_flight')).toMatchObject([{ value: 3 }]);
  });

  it('sums what a view leaves the same of different sets', async () => {
    const { points } = registerReader(AggregationTemporality.CUMULATIVE, [
      { instrumentName: 'sent', attributesProcessors: [createAllowListAttributesProcessor(['queue'])] },
    ]);
    const telemetry = createOtelTelemetry();
    for (const attributes of [mail, mailFailed, mail, mailFailed, sms])
      telemetry.emitEvent(sent, { attributes, count: 1 });

    expect(await points()).toMatchObject([
      { value: 4, attributes: { queue: 'mail' } },
      { value: 1, attributes: { queue: 'sms' } },
    ]);
  });

  it('gives each window of a delta reader what was counted in it, from the time it was counted', async () => {
    const { points } = registerReader(AggregationTemporality.DELTA);
    const telemetry = createOtelTelemetry();
    const before = Date.now();
    for (const count of [1, 2]) telemetry.emitEvent(sent, { attributes: mail, count });
    const [first] = await points();
    for (const count of [3, 4]) telemetry.emitEvent(sent, { attributes: mail, count });
    const [second] = await points();

    expect([first?.value, second?.value]).toEqual([3, 7]);
    expect(milliseconds(first?.startTime ?? [0, 0])).toBeLessThanOrEqual(Date.now());
    expect(milliseconds(first?.startTime ?? [0, 0])).toBeGreaterThanOrEqual(before);
    expect(second?.startTime).toEqual(first?.endTime);
  });

  it('stays with the meter that was registered when it was counted', async () => {
    const first = registerMetrics();
    const telemetry = createOtelTelemetry();
    telemetry.emitEvent(sent, { attributes: mail, count: 1 });
    telemetry.emitEvent(sent, { attributes: mail, count: 1 });
    metrics.disable();
    const second = registerMetrics();
    telemetry.emitEvent(sent, { attributes: mail, count: 5 });

    expect((await first.metric('sent')).dataPoints).toMatchObject([{ value: 2 }]);
    expect((await second.metric('sent')).dataPoints).toMatchObject([{ value: 5 }]);
  });

  it('adds one by one in a context of its own, which a view may read', async () => {
    registerContextManager();
    const tenant = createContextKey('tenant');
    const byTenant = {
      process: (attributes: ApiAttributes, from?: Context) => ({
        ...attributes,
        tenant: String(from?.getValue(tenant)),
      }),
    };
    const { points } = registerReader(AggregationTemporality.CUMULATIVE, [
      { instrumentName: 'sent', attributesProcessors: [byTenant] },
    ]);
    const telemetry = createOtelTelemetry();
    for (const name of ['blue', 'red', 'red'])
      context.with(ROOT_CONTEXT.setValue(tenant, name), () =>
        telemetry.emitEvent(sent, { attributes: mail, count: 1 }),
      );

    expect(await points()).toMatchObject([
      { value: 1, attributes: { tenant: 'blue' } },
      { value: 2, attributes: { tenant: 'red' } },
    ]);
  });

  it('adds one by one what could be changed, and what has a fraction', async () => {
    const { additions, telemetry } = spyOnAdditions();
    telemetry.emitEvent(sent, { attributes: { queue: 'mail' }, count: 1 });
    telemetry.emitEvent(sent, { attributes: mail, count: 0.1 });
    telemetry.emitEvent(sent, { attributes: mail, count: 0.2 });

    expect(additions.map(([value]) => value)).toEqual([1, 0.1, 0.2]);
  });

  it('never sums past what numbers hold exactly', async () => {
    const { additions, telemetry } = spyOnAdditions();
    telemetry.emitEvent(sent, { attributes: mail, count: Number.MAX_SAFE_INTEGER });
    telemetry.emitEvent(sent, { attributes: mail, count: 1 });
    await Promise.resolve();

    expect(additions.map(([value]) => value)).toEqual([Number.MAX_SAFE_INTEGER, 1]);
  });

  it('tells a failure of the counter with the next measurement, and loses only what failed', async () => {
    const { counter, additions, telemetry } = spyOnAdditions();
    const guarded = resolveTelemetry(telemetry, { report: () => {} });
    vi.spyOn(counter, 'add').mockImplementationOnce(() => {
      throw new Error('no meter');
    });
    guarded.emitEvent(sent, { attributes: mail, count: 1 });
    await Promise.resolve();
    guarded.emitEvent(sent, { attributes: sms, count: 2 });
    await Promise.resolve();

    expect(telemetryHealth(guarded).failures).toEqual({ emitEvent: 1 });
    expect(additions).toEqual([[2, sms]]);
  });
});
