import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { noopTelemetry, type Telemetry, traced } from '@throughline/core';
import { createHostileTelemetry } from '@throughline/core/testing';
import { createOtelTelemetry } from '@throughline/otel';
import { waitFor } from '@throughline/testkit';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { bullmqTelemetry, observeWorker, quietRedis, wrapProcessor } from '../src/index.ts';
import { type JobWorld, openJobWorld } from './support/job-world.ts';
import { type RealOtel, registerOtel } from './support/real-otel.ts';

type Open = () => Redis;

// Once per process: a module is offered to instrumentations at its first `require` only.
const instrumentation = new IORedisInstrumentation();
registerInstrumentations({ instrumentations: [instrumentation] });
const ioredis = createRequire(import.meta.url)('ioredis') as typeof import('ioredis');
afterAll(() => instrumentation.disable());

/** Clients of the ioredis that BullMQ has too, under the real instrumentation. */
function instrumentedRedis(world: JobWorld, requireParentSpan = true): Open {
  instrumentation.setConfig({ requireParentSpan });
  instrumentation.setTracerProvider(trace.getTracerProvider());
  return () => {
    const client = new ioredis.Redis({ ...world.connection, maxRetriesPerRequest: null });
    onTestFinished(() => client.disconnect());
    return client;
  };
}

/** The application: a request adds a job, whose processor writes to Redis, reports progress, logs and adds a job. */
interface Application {
  queue(name: string): Queue;
  work(name: string, processor: (job: Job) => Promise<void>): { close(): Promise<void> };
}

function dropIns(world: JobWorld, telemetry: Telemetry, connection: Redis): Application {
  return {
    queue: (name) => world.queue(name, telemetry, { connection }),
    work: (name, processor) => world.worker(name, processor, telemetry, { connection }),
  };
}

function layers(world: JobWorld, telemetry: Telemetry, connection: Redis): Application {
  const host = bullmqTelemetry(telemetry);
  return {
    queue: (name) => world.hostQueue(name, { connection, telemetry: host }),
    work(name, processor) {
      const options = { connection, telemetry: host };
      const worker = world.hostWorker(name, wrapProcessor(processor, telemetry), options);
      observeWorker(worker, telemetry);
      return worker;
    },
  };
}

async function play({ queue, work }: Application, own: Redis, key: string): Promise<void> {
  const telemetry = createOtelTelemetry();
  const [orders, invoices] = [queue('orders'), queue('invoices')];
  let isDone = false;
  const worker = work('orders', async (job) => {
    await own.set(key, 'of the application');
    await job.updateProgress(50);
    await job.log('half of it');
    await invoices.add('create', {});
    await own.del(key);
    isDone = true;
  });
  await traced(telemetry, 'POST /orders', () => orders.add('place', {}));
  await waitFor(() => isDone, { what: 'the job' });
  await worker.close();
}

/** Commands that became spans. */
function commands(otel: RealOtel): readonly string[] {
  return otel
    .spans()
    .flatMap(({ name, attributes }) => (attributes['db.system.name'] === 'redis' ? [name] : []));
}

describe.each([
  { name: 'the drop-in classes', open: dropIns },
  { name: "BullMQ's classes with all layers", open: layers },
])("Redis commands under ioredis' instrumentation, through $name,", ({ open }) => {
  it('become spans, several for each job, when nothing keeps them quiet', async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    const client = instrumentedRedis(world);

    await play(open(world, createOtelTelemetry(), client()), client(), `${world.prefix}:own`);

    expect(
      commands(otel).filter((name) => name === 'evalsha' || name === 'eval').length,
    ).toBeGreaterThanOrEqual(3);
    expect(commands(otel)).toEqual(expect.arrayContaining(['set', 'del']));
  });

  it("are those of the application's own client alone, when the connection of BullMQ is quiet", async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    const client = instrumentedRedis(world);
    const telemetry = createOtelTelemetry();

    await play(open(world, telemetry, quietRedis(client(), telemetry)), client(), `${world.prefix}:own`);

    expect(commands(otel)).toEqual(['set', 'del']);
    const process = otel.spans().find(({ name }) => name === 'process orders');
    const set = otel.spans().find(({ name }) => name === 'set');
    expect(set?.parentSpanContext?.spanId).toBe(process?.spanContext().spanId);
    expect(otel.spans().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['POST /orders', 'send orders', 'process orders', 'send invoices']),
    );
  });
});

describe('quietRedis', () => {
  it('does not help where the instrumentation asks for spans without a parent', async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    const client = quietRedis(instrumentedRedis(world, false)(), createOtelTelemetry());

    await client.ping();

    expect(commands(otel)).toContain('ping');
  });

  it('gives the same client, changed once, and leaves others and prototypes alone', () => {
    const world = openJobWorld();
    const open = instrumentedRedis(world);
    const [client, other] = [open(), open()];
    const telemetry = createOtelTelemetry();

    expect(quietRedis(client, telemetry)).toBe(client);
    const { sendCommand } = client;
    expect(quietRedis(client, telemetry).sendCommand).toBe(sendCommand);
    expect(other.sendCommand).not.toBe(sendCommand);
    expect(other.sendCommand).toBe(Object.getPrototypeOf(client).sendCommand);
    expect(Object.keys(client)).not.toContain('sendCommand');
  });

  it('keeps duplicates quiet', async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    const telemetry = createOtelTelemetry();
    const client = instrumentedRedis(world)();
    await traced(telemetry, 'request', () => client.ping());
    expect(commands(otel)).toEqual(['ping']);

    const duplicate = quietRedis(client, telemetry).duplicate({ connectionName: 'second' });
    onTestFinished(() => duplicate.disconnect());
    await traced(telemetry, 'request', () => duplicate.ping());

    expect(commands(otel)).toEqual(['ping']);
    expect(duplicate.options.connectionName).toBe('second');
  });

  it.each([null, {}, { host: '127.0.0.1', port: 6379 }])('refuses %o, which is no client', (client) => {
    expect(() => quietRedis(client as never, createOtelTelemetry())).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: 'quietRedis.client' }),
    );
  });

  it('changes nothing without telemetry', () => {
    const client = instrumentedRedis(openJobWorld())();
    expect(Object.hasOwn(quietRedis(client, undefined), 'sendCommand')).toBe(false);
    expect(Object.hasOwn(quietRedis(client, noopTelemetry), 'sendCommand')).toBe(false);
  });

  it('sends every command once and gives its very answer, whatever the telemetry does', async () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const world = openJobWorld();
    const open = instrumentedRedis(world);
    for (const fault of [
      'throws',
      'returns null',
      'runs twice',
      'throws after running',
      'runs later',
    ] as const) {
      const client = quietRedis(open(), createHostileTelemetry('withContext', fault));
      const key = `${world.prefix}:${fault.replaceAll(' ', '-')}`;
      expect(await client.incr(key)).toBe(1);
      expect(await client.pipeline().incr(key).get(key).exec()).toEqual([
        [null, 2],
        [null, '2'],
      ]);
      await expect(client.hget(key, 'field')).rejects.toThrow(/WRONGTYPE/);
      await client.del(key);
    }
  });
});
