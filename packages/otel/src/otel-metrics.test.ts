import { metrics } from '@opentelemetry/api';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { type Attributes, defineEventKind } from '@throughline/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMetrics, registerMetrics, unregisterEverything } from '../test/real-sdk.ts';
import { createOtelTelemetry } from './create-otel-telemetry.ts';

afterEach(() => {
  unregisterEverything();
  vi.useRealTimers();
});

interface Fetch {
  readonly queue: string;
  readonly count: number;
  readonly seconds?: number;
}

const byQueue = (event: Fetch): Attributes => ({ 'messaging.destination.name': event.queue });

const fetched = defineEventKind<Fetch>('worker.fetch', [
  {
    kind: 'counter',
    name: 'fetched',
    unit: '{message}',
    description: 'Messages',
    value: (e) => e.count,
    attributes: byQueue,
  },
  { kind: 'up_down_counter', name: 'in_flight', unit: '{message}', value: (e) => e.count },
  {
    kind: 'histogram',
    name: 'duration',
    unit: 's',
    buckets: [0.1, 1],
    value: (e) => e.seconds,
    attributes: byQueue,
  },
]);

const depth = { kind: 'gauge', name: 'depth', unit: '{job}', description: 'Waiting jobs' } as const;

describe('emitEvent', () => {
  it('adds to a counter by attributes', async () => {
    const real = registerMetrics();
    const telemetry = createOtelTelemetry();
    telemetry.emitEvent(fetched, { queue: 'mail', count: 4 });
    telemetry.emitEvent(fetched, { queue: 'mail', count: 2 });
    telemetry.emitEvent(fetched, { queue: 'sms', count: 1 });
    expect(await real.metric('fetched')).toMatchObject({
      descriptor: { unit: '{message}', description: 'Messages' },
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: [
        { value: 6, attributes: { 'messaging.destination.name': 'mail' } },
        { value: 1, attributes: { 'messaging.destination.name': 'sms' } },
      ],
    });
  });

  it('adds to an up-down counter, which may fall', async () => {
    const real = registerMetrics();
    const telemetry = createOtelTelemetry();
    telemetry.emitEvent(fetched, { queue: 'mail', count: 4 });
    telemetry.emitEvent(fetched, { queue: 'mail', count: -3 });
    expect(await real.metric('in_flight')).toMatchObject({ isMonotonic: false, dataPoints: [{ value: 1 }] });
  });

  it('records into a histogram with the buckets that the kind asks for', async () => {
    const real = registerMetrics();
    createOtelTelemetry().emitEvent(fetched, { queue: 'mail', count: 1, seconds: 0.5 });
    expect((await real.metric('duration')).dataPoints).toMatchObject([
      { value: { count: 1, sum: 0.5, buckets: { boundaries: [0.1, 1], counts: [0, 1, 0] } } },
    ]);
  });

  it('records nothing for a value that is undefined', async () => {
    const real = registerMetrics();
    createOtelTelemetry().emitEvent(fetched, { queue: 'mail', count: 1 });
    expect((await real.collect()).map(({ descriptor }) => descriptor.name)).toEqual(['fetched', 'in_flight']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('does not let %d spoil the sum', async (count) => {
    const real = registerMetrics();
    const telemetry = createOtelTelemetry();
    telemetry.emitEvent(fetched, { queue: 'mail', count: 2 });
    telemetry.emitEvent(fetched, { queue: 'mail', count });
    expect((await real.metric('fetched')).dataPoints).toMatchObject([{ value: 2 }]);
  });

  it('leaves attributes out that are undefined', async () => {
    const real = registerMetrics();
    const kind = defineEventKind<Fetch>('k', [
      { kind: 'counter', name: 'c', unit: '1', value: () => 1, attributes: () => ({ a: 1, b: undefined }) },
    ]);
    createOtelTelemetry().emitEvent(kind, { queue: 'mail', count: 1 });
    const [point] = (await real.metric('c')).dataPoints;
    expect(Object.keys(point?.attributes ?? {})).toEqual(['a']);
  });

  it('measures nothing with metrics: false', async () => {
    const real = registerMetrics();
    const telemetry = createOtelTelemetry({ metrics: false });
    telemetry.emitEvent(fetched, { queue: 'mail', count: 1 });
    expect(telemetry.isEnabled('measurements')).toBe(false);
    expect(await real.collect()).toEqual([]);
  });

  it('uses the given meter and the given meter provider', async () => {
    const global = registerMetrics();
    const mine = createMetrics();
    createOtelTelemetry({ meterProvider: mine.provider }).emitEvent(fetched, { queue: 'mail', count: 1 });
    createOtelTelemetry({ meter: mine.provider.getMeter('@throughline/otel') }).emitEvent(fetched, {
      queue: 'mail',
      count: 1,
    });
    expect((await mine.metric('fetched')).dataPoints).toMatchObject([{ value: 2 }]);
    expect(await global.collect()).toEqual([]);
  });
});

describe('observe', () => {
  it('reports a gauge at each collection', async () => {
    const real = registerMetrics();
    let jobs = 3;
    createOtelTelemetry().observe(depth, (observe) => observe(jobs, { state: 'waiting', queue: undefined }));
    expect(await real.metric('depth')).toMatchObject({
      descriptor: { unit: '{job}', description: 'Waiting jobs' },
      dataPointType: DataPointType.GAUGE,
      dataPoints: [{ value: 3, attributes: { state: 'waiting' } }],
    });
    jobs = 5;
    expect((await real.metric('depth')).dataPoints).toMatchObject([{ value: 5 }]);
  });

  it('reports an up-down counter as a sum', async () => {
    const real = registerMetrics();
    const instrument = { kind: 'up_down_counter', name: 'workers', unit: '{worker}' } as const;
    createOtelTelemetry().observe(instrument, (observe) => observe(2));
    expect(await real.metric('workers')).toMatchObject({
      dataPointType: DataPointType.SUM,
      isMonotonic: false,
      dataPoints: [{ value: 2 }],
    });
  });

  it('lets several readers share one metric', async () => {
    const real = registerMetrics();
    const telemetry = createOtelTelemetry();
    telemetry.observe(depth, (observe) => observe(1, { queue: 'mail' }));
    telemetry.observe(depth, (observe) => observe(2, { queue: 'sms' }));
    expect((await real.metric('depth')).dataPoints.map((point) => point.value)).toEqual([1, 2]);
  });

  it('stops when it is told, and only that reader', async () => {
    const real = registerMetrics();
    const telemetry = createOtelTelemetry();
    const stop = telemetry.observe(depth, (observe) => observe(1, { queue: 'mail' }));
    const read = vi.fn();
    telemetry.observe({ ...depth, name: 'other' }, read);
    stop();
    stop();
    await real.collect();
    expect(await real.collect()).toEqual([]);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('skips what is not a finite number', async () => {
    const real = registerMetrics();
    createOtelTelemetry().observe(depth, (observe) => {
      observe(Number.NaN, { queue: 'mail' });
      observe(1, { queue: 'sms' });
    });
    expect((await real.metric('depth')).dataPoints).toMatchObject([
      { value: 1, attributes: { queue: 'sms' } },
    ]);
  });

  it('survives a reader that throws, and so do the other readers', async () => {
    const real = registerMetrics();
    const telemetry = createOtelTelemetry();
    telemetry.observe(depth, () => {
      throw new Error('reader');
    });
    telemetry.observe({ ...depth, name: 'other' }, (observe) => observe(1));
    expect((await real.metric('other')).dataPoints).toMatchObject([{ value: 1 }]);
  });
});

describe('a meter provider that is registered later', () => {
  it('gets the measurements from then on', async () => {
    const telemetry = createOtelTelemetry();
    telemetry.emitEvent(fetched, { queue: 'mail', count: 1 });
    const real = registerMetrics();
    telemetry.emitEvent(fetched, { queue: 'mail', count: 2 });
    expect((await real.metric('fetched')).dataPoints).toMatchObject([{ value: 2 }]);
    expect(telemetry.isEnabled('measurements')).toBe(true);
  });

  it('gets the readers that were there before, with the next measurement', async () => {
    const telemetry = createOtelTelemetry();
    telemetry.observe(depth, (observe) => observe(3));
    const real = registerMetrics();
    telemetry.emitEvent(fetched, { queue: 'mail', count: 1 });
    expect((await real.metric('depth')).dataPoints).toMatchObject([{ value: 3 }]);
  });

  it('gets the readers of a process that measures nothing else, within a second', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    createOtelTelemetry().observe(depth, (observe) => observe(3));
    const real = registerMetrics();
    vi.advanceTimersByTime(1_000);
    expect((await real.metric('depth')).dataPoints).toMatchObject([{ value: 3 }]);
  });

  it('is looked for without holding the process open', () => {
    const before = process.getActiveResourcesInfo().length;
    createOtelTelemetry().observe(depth, () => {});
    expect(process.getActiveResourcesInfo()).toHaveLength(before);
  });

  it('is no longer looked for when the last reader is gone', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const telemetry = createOtelTelemetry();
    const stops = [telemetry.observe(depth, () => {}), telemetry.observe(depth, () => {})];
    expect(vi.getTimerCount()).toBe(1);
    for (const stop of stops) stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes over from an earlier one, readers included', async () => {
    const first = registerMetrics();
    const telemetry = createOtelTelemetry();
    const read = vi.fn((observe: (value: number) => void) => observe(1));
    telemetry.observe(depth, read);
    telemetry.emitEvent(fetched, { queue: 'mail', count: 1 });
    metrics.disable();
    const second = registerMetrics();
    telemetry.emitEvent(fetched, { queue: 'mail', count: 5 });
    await first.collect();
    expect(read).not.toHaveBeenCalled();
    expect((await second.metric('depth')).dataPoints).toMatchObject([{ value: 1 }]);
    expect((await second.metric('fetched')).dataPoints).toMatchObject([{ value: 5 }]);
    expect((await first.metric('fetched')).dataPoints).toMatchObject([{ value: 1 }]);
  });
});
