import { AsyncLocalStorage } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  createEventTelemetry,
  OptionInvalidError,
  type TraceContext,
  telemetryHealth,
} from '@throughline/core';
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import {
  createRecordingTelemetry,
  type RecordedMeasurement,
  type RecordingTelemetry,
} from '@throughline/core/testing';
import { createOtelTelemetry } from '@throughline/otel';
import { spawnNode, startFaultProxy, waitFor } from '@throughline/testkit';
import * as host from 'bullmq';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { type ObservableQueue, type ObserveQueueOptions, observeQueue } from '../src/index.ts';
import { type JobWorld, openJobWorld } from './support/job-world.ts';
import { watchCommands } from './support/redis-commands.ts';

const isBullmq6 = 'RedisQueueBackend' in host;
const useBullmq5 = fileURLToPath(new URL('fixtures/use-bullmq-5.mjs', import.meta.url));
const nodeOptions = isBullmq6 ? [] : ['--import', useBullmq5];
const hour = 3_600_000;

/** Observes until the test is over. */
function observed(
  queue: ObservableQueue,
  telemetry: RecordingTelemetry = createRecordingTelemetry(),
  options: ObserveQueueOptions = { intervalMs: 100 },
): RecordingTelemetry & { readonly stop: () => void } {
  const stop = observeQueue(queue, telemetry, options);
  onTestFinished(stop);
  return Object.assign(telemetry, { stop });
}

const isDepth = ({ name }: RecordedMeasurement): boolean => name === 'throughline.queue.depth';
const isAge = ({ name }: RecordedMeasurement): boolean => name === 'throughline.queue.oldest.age';

function depths(telemetry: RecordingTelemetry): Record<string, number> {
  const found = telemetry.collect().filter(isDepth);
  return Object.fromEntries(
    found.map(({ attributes, value }) => [String(attributes['throughline.queue.state']), value]),
  );
}

const age = (telemetry: RecordingTelemetry): number | undefined => telemetry.collect().find(isAge)?.value;
const reports = (telemetry: RecordingTelemetry): boolean => telemetry.collect().length > 0;
const leaseKey = (world: JobWorld): string => `${world.prefix}:mail:throughline:observer`;

/** The age that the next poll finds. */
async function firstAge(queue: ObservableQueue): Promise<number> {
  const telemetry = observed(queue);
  return waitFor(() => (reports(telemetry) ? { age: age(telemetry) ?? -1 } : undefined)).then((it) => it.age);
}

describe('throughline.queue.depth', () => {
  it('is the number of jobs by state', async () => {
    const world = openJobWorld();
    const queue = world.hostQueue('mail');
    const outcomes = [async () => {}, async () => Promise.reject(new Error('busy'))];
    const worker = world.hostWorker('mail', async ({ name }) => outcomes[Number(name)]?.());
    await queue.addBulk(['0', '0', '1'].map((name) => ({ name, data: {} })));
    await waitFor(async () => (await queue.getJobCountByTypes('completed', 'failed')) === 3);
    await worker.close();
    await queue.addBulk(['a', 'b'].map((name) => ({ name, data: {} })));
    await queue.add('later', {}, { delay: hour });
    await queue.addBulk([1, 2, 2].map((priority) => ({ name: 'ranked', data: {}, opts: { priority } })));
    await world
      .flows(undefined)
      .add({ name: 'report', queueName: 'mail', children: [{ name: 'fetch', queueName: 'downloads' }] });

    const telemetry = observed(queue);

    await waitFor(() => reports(telemetry));
    expect(depths(telemetry)).toEqual({
      waiting: 2,
      active: 0,
      delayed: 1,
      prioritized: 3,
      'waiting-children': 1,
      completed: 2,
      failed: 1,
      ...(isBullmq6 ? {} : { paused: 0 }),
    });
  });

  it('tells the queue', async () => {
    const telemetry = observed(openJobWorld().hostQueue('mail'));

    await waitFor(() => reports(telemetry));

    expect(telemetry.collect()[0]?.attributes).toMatchObject({
      'messaging.system': 'bullmq',
      'messaging.destination.name': 'mail',
    });
  });

  it('counts the states that are asked for', async () => {
    const queue = openJobWorld().hostQueue('mail');
    const telemetry = observed(queue, undefined, { intervalMs: 100, states: ['waiting', 'failed'] });

    await waitFor(() => reports(telemetry));

    expect(depths(telemetry)).toEqual({ waiting: 0, failed: 0 });
  });

  it('follows the queue', async () => {
    const queue = openJobWorld().hostQueue('mail');
    const telemetry = observed(queue);
    await waitFor(() => depths(telemetry).waiting === 0);

    await queue.add('welcome', {});

    await waitFor(() => depths(telemetry).waiting === 1);
  });

  it('counts the jobs of a paused queue as BullMQ does', async () => {
    const queue = openJobWorld().hostQueue('mail');
    await queue.add('welcome', {});
    await queue.pause();
    const telemetry = observed(queue);

    await waitFor(() => reports(telemetry));

    expect(depths(telemetry)).toMatchObject(isBullmq6 ? { waiting: 1 } : { waiting: 0, paused: 1 });
  });
});

describe('throughline.queue.oldest.age', () => {
  it('is 0 when nothing is due', async () => {
    const queue = openJobWorld().hostQueue('mail');
    await queue.add('later', {}, { delay: hour });

    expect(await firstAge(queue)).toBe(0);
  });

  it('is the time since the oldest waiting job was added', async () => {
    const queue = openJobWorld().hostQueue('mail');
    await queue.add('old', {}, { timestamp: Date.now() - 2 * hour });
    await queue.add('new', {});

    expect(await firstAge(queue)).toBeGreaterThanOrEqual(7_200);
  });

  it('does not have the scheduled delay in it', async () => {
    const queue = openJobWorld().hostQueue('mail');
    await queue.add('later', {}, { timestamp: Date.now() - 2 * hour, delay: hour });

    const seconds = await firstAge(queue);

    expect(seconds).toBeGreaterThanOrEqual(3_600);
    expect(seconds).toBeLessThan(7_200);
  });

  it('is that of the oldest job of any priority', async () => {
    const queue = openJobWorld().hostQueue('mail');
    const add = (priority: number, hours: number) =>
      queue.add('ranked', {}, { priority, timestamp: Date.now() - hours * hour });
    await add(1, 0);
    await add(20, 3);
    await add(20, 0);
    await add(300, 1);

    expect(await firstAge(queue)).toBeGreaterThanOrEqual(3 * 3_600);
  });

  it('is found at the other end when jobs go to the front', async () => {
    const queue = openJobWorld().hostQueue('mail');
    await queue.add('old', {}, { lifo: true, timestamp: Date.now() - hour });
    for (let index = 0; index < 20; index += 1) await queue.add('new', {}, { lifo: true });

    expect(await firstAge(queue)).toBeGreaterThanOrEqual(3_600);
  });

  it('is that of a paused queue, too', async () => {
    const queue = openJobWorld().hostQueue('mail');
    await queue.pause();
    await queue.add('old', {}, { timestamp: Date.now() - hour });

    expect(await firstAge(queue)).toBeGreaterThanOrEqual(3_600);
  });

  it('begins at 0 for a job that waits again after a start', async () => {
    const world = openJobWorld();
    const queue = world.hostQueue('mail');
    const worker = world.hostWorker('mail', async () => {
      await worker.pause(true);
      throw new Error('busy');
    });
    await queue.add('old', {}, { attempts: 2, timestamp: Date.now() - hour });
    await waitFor(async () => (await world.stored('mail', '1', 'atm')) === '1');

    const telemetry = observed(queue);

    await waitFor(() => reports(telemetry));
    expect(age(telemetry)).toBeLessThan(3_600);
    await waitFor(() => (age(telemetry) ?? 0) > 0);
  });

  it('begins at 0 for a job that is retried by hand as if it had never been started', async () => {
    const world = openJobWorld();
    const queue = world.hostQueue('mail');
    const worker = world.hostWorker('mail', () => Promise.reject(new Error('busy')));
    const failed = new Promise((resolve) => worker.once('failed', resolve));
    const job = await queue.add('old', {}, { timestamp: Date.now() - hour });
    await failed;
    await worker.close();

    await job.retry('failed', { resetAttemptsStarted: true, resetAttemptsMade: true });

    expect(await firstAge(queue)).toBeLessThan(3_600);
  });

  it('begins at 0 for the parent of a flow, when its children are done', async () => {
    const world = openJobWorld();
    await world.flows(undefined).add({
      name: 'report',
      queueName: 'mail',
      opts: { timestamp: Date.now() - hour },
      children: [{ name: 'fetch', queueName: 'downloads' }],
    });
    const queue = world.hostQueue('mail');
    world.hostWorker('downloads', async () => {});
    await waitFor(async () => (await queue.getWaitingCount()) === 1);

    expect(await firstAge(queue)).toBeLessThan(3_600);
  });

  it('is not looked for when it is not wanted', async () => {
    const queue = openJobWorld().hostQueue('mail');
    const telemetry = observed(queue, undefined, { intervalMs: 100, oldestWaiting: false });

    await waitFor(() => reports(telemetry));

    expect(telemetry.collect().filter(isAge)).toEqual([]);
  });
});

describe('several processes that observe one queue', () => {
  it('report it once', async () => {
    const world = openJobWorld();
    await world.hostQueue('mail').add('welcome', {});
    const all = [1, 2, 3].map(() => observed(world.hostQueue('mail')));
    const reporters = new Set<RecordingTelemetry>();
    let most = 0;

    let looks = 0;
    await waitFor(() => {
      const reporting = all.filter(reports);
      for (const each of reporting) reporters.add(each);
      most = Math.max(most, reporting.length);
      looks += reporting.length;
      return looks === 60;
    });

    expect([most, reporters.size]).toEqual([1, 1]);
  });

  it('take turns when the one that polls stops', async () => {
    const world = openJobWorld();
    const [first, second] = [observed(world.hostQueue('mail')), observed(world.hostQueue('mail'))];
    const both = [first, second];
    const holder = await waitFor(() => both.find(reports));

    holder.stop();

    const next = await waitFor(() => both.find(reports));
    expect(next).not.toBe(holder);
  });

  it('take turns when the one that polls is killed', async () => {
    const world = openJobWorld();
    const { host: hostname, port } = world.connection;
    const args = [hostname, String(port), world.prefix, '200'];
    const child = spawnNode(new URL('fixtures/queue-observer.mjs', import.meta.url), args, { nodeOptions });
    await child.waitForLine(/^reports/);
    const telemetry = observed(world.hostQueue('mail'), undefined, { intervalMs: 200 });

    await child.kill('SIGKILL');
    const holder = await world.redis.get(leaseKey(world));

    await waitFor(() => reports(telemetry));
    expect(holder).toMatch(/^[\da-f]{32}$/);
    expect(await world.redis.get(leaseKey(world))).not.toBe(holder);
  });

  it('wait for a lease of any holder to end', async () => {
    const world = openJobWorld();
    await world.redis.set(leaseKey(world), 'somebody', 'PX', 300);
    const telemetry = observed(world.hostQueue('mail'));
    let reportedEarly = false;

    await waitFor(async () => {
      const holder = await world.redis.get(leaseKey(world));
      reportedEarly ||= holder === 'somebody' && reports(telemetry);
      return reports(telemetry);
    });

    expect(reportedEarly).toBe(false);
  });
});

describe('what Redis gets from a poller', () => {
  /** The commands on keys of the queue until there are `count`, scripts by the order in which they were first seen. */
  async function commands(world: JobWorld, count: number): Promise<readonly string[]> {
    const seen: string[] = [];
    await watchCommands(world, ({ name, args, isFromScript }) => {
      if (!isFromScript && args.some((arg) => arg.startsWith(world.prefix)))
        seen.push(name.replace(/ .*/, ''));
    });
    await waitFor(() => seen.length >= count);
    return seen.slice(0, count);
  }

  it('is two scripts per interval', async () => {
    const world = openJobWorld();
    const queue = world.hostQueue('mail');
    await queue.waitUntilReady();
    let counted = 0;
    const counting: ObservableQueue = Object.create(queue, {
      getJobCounts: {
        value: (...states: never[]) => {
          counted += 1;
          return queue.getJobCounts(...states);
        },
      },
    });
    const telemetry = observed(counting);
    await waitFor(() => reports(telemetry));

    const before = counted;
    const sent = await commands(world, 10);

    expect(new Set(sent.map((command) => command.toLowerCase()))).toEqual(new Set(['script']));
    expect(counted - before).toBeGreaterThanOrEqual(4);
  });

  it('changes no key but the lease', async () => {
    const world = openJobWorld();
    const queue = world.hostQueue('mail');
    await queue.addBulk([
      { name: 'a', data: {} },
      { name: 'b', data: {}, opts: { delay: hour } },
    ]);
    await queue.add('c', {}, { priority: 4 });
    const dump = async () => {
      const keys = (await world.redis.keys(`${world.prefix}:*`)).filter((key) => key !== leaseKey(world));
      const values = await Promise.all(keys.sort().map((key) => world.redis.dumpBuffer(key)));
      return keys.map((key, index) => [key, values[index]?.toString('hex')]);
    };
    const before = await dump();

    const telemetry = observed(queue);
    await waitFor(() => reports(telemetry));

    expect(await dump()).toEqual(before);
    expect(await world.redis.pttl(leaseKey(world))).toBeGreaterThan(0);
  });

  it('is a lease given back when it stops', async () => {
    const world = openJobWorld();
    const telemetry = observed(world.hostQueue('mail'));
    await waitFor(() => reports(telemetry));

    telemetry.stop();

    await waitFor(async () => (await world.redis.exists(leaseKey(world))) === 0);
    expect(reports(telemetry)).toBe(false);
  });

  it('is nothing when nothing is measured', async () => {
    const world = openJobWorld();
    const queue = world.hostQueue('mail');
    let asked = 0;
    const isEnabled = () => {
      asked += 1;
      return false;
    };

    onTestFinished(observeQueue(queue, { isEnabled, observe: () => () => {} }, { intervalMs: 100 }));
    onTestFinished(
      observeQueue(queue, createEventTelemetry({ writer: new EventWriter(new MemoryTraceStore()) })),
    );
    onTestFinished(observeQueue(queue, undefined));

    await waitFor(() => asked >= 3);
    expect(await world.redis.exists(leaseKey(world))).toBe(0);
  });

  it('does not belong to the span in which it was begun', async () => {
    const queue = openJobWorld().hostQueue('mail');
    const telemetry = createRecordingTelemetry({
      ambient: new AsyncLocalStorage<TraceContext | undefined>(),
    });
    const active: unknown[] = [];
    const asking: ObservableQueue = Object.create(queue, {
      getJobCounts: {
        value: (...states: never[]) => {
          active.push(telemetry.activeContext());
          return queue.getJobCounts(...states);
        },
      },
    });

    telemetry.startSpan('GET /boot').run(() => observed(asking, telemetry));

    await waitFor(() => active.length === 2);
    expect(active).toEqual([undefined, undefined]);
  });
});

describe('a queue that cannot be asked', () => {
  it('is not reported, counted by error, and asked again', async () => {
    const world = openJobWorld();
    const proxy = await startFaultProxy({ target: inject('redisUrl') });
    onTestFinished(() => proxy.stop());
    const connection = {
      host: proxy.host,
      port: proxy.port,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 50,
    };
    const telemetry = observed(world.hostQueue('mail', { connection }));
    await waitFor(() => reports(telemetry));

    await proxy.set('refuse');

    const failures = () =>
      telemetry.measurements.filter(({ name }) => name === 'throughline.queue.poll.failures');
    await waitFor(() => failures().length > 0);
    await waitFor(() => !reports(telemetry));
    expect(failures()[0]).toMatchObject({
      value: 1,
      attributes: {
        'messaging.system': 'bullmq',
        'messaging.destination.name': 'mail',
        'error.type': expect.any(String),
      },
    });

    expect(telemetryHealth(telemetry)).toMatchObject({
      failures: { 'bullmq.poll': expect.any(Number) },
      lastError: expect.any(Error),
    });

    await proxy.set('pass');
    await waitFor(() => reports(telemetry), { timeoutMs: 20_000 });
  });

  it('is counted again and again while Redis does not answer at all', async () => {
    const world = openJobWorld();
    const proxy = await startFaultProxy({ target: inject('redisUrl') });
    onTestFinished(() => proxy.stop());
    const connection = { host: proxy.host, port: proxy.port };
    const telemetry = observed(world.hostQueue('mail', { connection }));
    await waitFor(() => reports(telemetry));

    await proxy.set('half-open');

    const timeouts = () =>
      telemetry.measurements.filter(({ attributes }) => attributes['error.type'] === 'QueuePollTimeout');
    await waitFor(() => timeouts().length > 3);
    expect(reports(telemetry)).toBe(false);
    await proxy.set('pass');
    proxy.resetAll();
  });
});

describe('a queue that is closed', () => {
  it('is not reported any more, and no failure', async () => {
    const queue = openJobWorld().hostQueue('mail');
    const telemetry = observed(queue);
    await waitFor(() => reports(telemetry));

    await queue.close();

    expect(reports(telemetry)).toBe(false);
    expect(telemetry.events).toEqual([]);
  });

  it('lets the process end', async () => {
    const world = openJobWorld();
    const { host: hostname, port } = world.connection;
    const args = [hostname, String(port), world.prefix, '100', 'close'];
    const child = spawnNode(new URL('fixtures/queue-observer.mjs', import.meta.url), args, { nodeOptions });

    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});

describe('gauges of a real OpenTelemetry SDK', () => {
  class OnDemand extends MetricReader {
    protected override onForceFlush(): Promise<void> {
      return Promise.resolve();
    }
    protected override onShutdown(): Promise<void> {
      return Promise.resolve();
    }
  }

  async function pointsWith(temporality: AggregationTemporality) {
    const world = openJobWorld();
    const reader = new OnDemand({ aggregationTemporalitySelector: () => temporality });
    const telemetry = createOtelTelemetry({ meterProvider: new MeterProvider({ readers: [reader] }) });
    const queue = world.hostQueue('mail');
    onTestFinished(observeQueue(queue, telemetry, { intervalMs: 100 }));
    const points = async () => {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics
        .flatMap(({ metrics }) => metrics)
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ value }) => ({ name: descriptor.name, value })),
        );
    };
    await waitFor(async () => (await points()).length === (isBullmq6 ? 9 : 10));
    await world.redis.set(leaseKey(world), 'somebody', 'PX', 60_000);
    return points;
  }

  it('are absent when another process polls, where the SDK forgets', async () => {
    const points = await pointsWith(AggregationTemporality.DELTA);

    await waitFor(async () => (await points()).length === 0);
  });

  it('have a timestamp that stands still when another process polls, where the SDK does not forget', async () => {
    const points = await pointsWith(AggregationTemporality.CUMULATIVE);
    const polledAt = async () =>
      (await points()).find(({ name }) => name === 'throughline.queue.poll.timestamp')?.value;
    let before: unknown;
    let same = 0;

    await waitFor(async () => {
      const now = await polledAt();
      same = now === before ? same + 1 : 0;
      before = now;
      return same === 50;
    });

    expect(before).toEqual(expect.any(Number));
  });
});

describe('observeQueue', () => {
  it.each([0, 99, -5, Number.NaN, Number.POSITIVE_INFINITY])('refuses an interval of %s ms', (intervalMs) => {
    const queue = openJobWorld().hostQueue('mail');
    expect(() => observeQueue(queue, undefined, { intervalMs })).toThrow(OptionInvalidError);
  });

  it.each<[string, object]>([
    ['a state that BullMQ does not have', { states: ['wating'] }],
    ['a state by itself', { states: 'waiting' }],
    ['no states at all', { states: null }],
    ['an interval in words', { intervalMs: '15000' }],
    ['a word for yes', { oldestWaiting: 'no' }],
    ['a setting it does not have', { interval: 15_000 }],
  ])('refuses %s', (_what, options) => {
    const queue = openJobWorld().hostQueue('mail');
    expect(() => observeQueue(queue, undefined, options)).toThrow(OptionInvalidError);
  });

  it('names the state that BullMQ does not have', () => {
    const queue = openJobWorld().hostQueue('mail');
    const options: object = { states: ['waiting', 'wating'] };
    expect(() => observeQueue(queue, undefined, options)).toThrow(
      /states\[1\] is "wating"; give one of waiting, /,
    );
  });

  it('refuses what is no queue', () => {
    expect(() => observeQueue(undefined as never, undefined)).toThrow(/a queue in Redis/);
  });

  it('refuses a queue that is not in Redis', () => {
    const queue = { getBackend: () => ({}), toKey: String, getJobCounts: async () => ({}), name: 'mail' };
    expect(() => observeQueue(queue, undefined)).toThrow(/a queue in Redis/);
  });
});
