import { createRequire } from 'node:module';
import { BullMQInstrumentation } from '@appsignal/opentelemetry-instrumentation-bullmq';
import { SpanKind, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { telemetryHealth } from '@throughline/core';
import { createOtelTelemetry } from '@throughline/otel';
import { waitFor } from '@throughline/testkit';
import type * as bullmq5 from 'bullmq';
import type { Telemetry as HostTelemetry, Worker } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { bullmqTelemetry, currentJobTrace, doctor, observeWorker, wrapProcessor } from '../src/index.ts';
import { type JobWorld, openJobWorld } from './support/job-world.ts';
import { type RealOtel, registerOtel } from './support/real-otel.ts';

// Once per process: a module is offered to instrumentations at its first `require` only.
const instrumentation = new BullMQInstrumentation();
registerInstrumentations({ instrumentations: [instrumentation] });
// It supports BullMQ up to 5. Jobs that it sent there may be found by a worker of any version.
const bullmq = createRequire(import.meta.url)('bullmq-5') as typeof bullmq5;
instrumentation.disable();
afterAll(() => instrumentation.disable());

/** BullMQ 5 is instrumented until the function is done. */
async function instrumented<T>(fn: () => Promise<T>): Promise<T> {
  instrumentation.setTracerProvider(trace.getTracerProvider());
  instrumentation.enable();
  try {
    return await fn();
  } finally {
    instrumentation.disable();
  }
}

function instrumentedQueue({ connection, prefix }: JobWorld): bullmq5.Queue {
  const queue = new bullmq.Queue('mail', { connection, prefix });
  onTestFinished(() => queue.close());
  return queue;
}

const peer = () => new BullMQOtel({ tracerName: 'their-application' }) as unknown as HostTelemetry;

/** Ways in which our side takes jobs. */
const workers: readonly { readonly name: string; readonly open: (world: JobWorld) => Worker }[] = [
  {
    name: 'the drop-in Worker',
    open: (world) => world.worker('mail', async () => 'sent', createOtelTelemetry()),
  },
  {
    name: "BullMQ's Worker with all layers",
    open(world) {
      const telemetry = createOtelTelemetry();
      const worker = world.hostWorker(
        'mail',
        wrapProcessor(async () => 'sent', telemetry),
        {
          telemetry: bullmqTelemetry(telemetry),
        },
      );
      observeWorker(worker, telemetry);
      return worker;
    },
  },
  {
    name: "BullMQ's Worker with observeWorker alone",
    open(world) {
      const worker = world.hostWorker('mail', async () => 'sent');
      observeWorker(worker, createOtelTelemetry());
      return worker;
    },
  },
];

async function processed(otel: RealOtel): Promise<ReadableSpan> {
  const ended = () => otel.spans().find(({ name }) => name === 'process mail');
  await waitFor(() => ended() !== undefined, { what: 'the process span' });
  return ended() as ReadableSpan;
}

function sent(otel: RealOtel): ReadableSpan {
  const span = otel.spans().find(({ kind }) => kind === SpanKind.PRODUCER);
  if (!span) throw new Error('nobody sent anything');
  return span;
}

async function completed(world: JobWorld, id: string | undefined): Promise<void> {
  const queue = world.hostQueue('mail');
  await waitFor(async () => (await queue.getJobState(id ?? '')) === 'completed', { what: `job ${id}` });
}

describe.each(workers)('$name', ({ open }) => {
  it('continues the trace of a job that bullmq-otel sent', async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    await world.hostQueue('mail', { telemetry: peer() }).add('welcome', {});
    open(world);

    const span = await processed(otel);

    expect(sent(otel).name).toBe('add mail.welcome');
    expect(span.parentSpanContext?.spanId).toBe(sent(otel).spanContext().spanId);
  });

  it('continues the trace of a job that Sentry sent', async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    // What `spanToTraceHeader` of @sentry/core writes, which Sentry's object for BullMQ hands over as it is.
    const metadata = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1';
    await world.hostQueue('mail').add('welcome', {}, { telemetry: { metadata } });
    open(world);

    const { parentSpanContext } = await processed(otel);

    expect(parentSpanContext).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    });
  });
});

describe.each(workers.filter(({ name }) => !name.includes('layers')))('$name', ({ open }) => {
  it("continues the trace of a job that @appsignal's instrumentation sent", async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    await instrumented(() => instrumentedQueue(world).add('welcome', {}));
    open(world);

    const span = await processed(otel);

    expect(sent(otel).name).toBe('Queue.add mail');
    expect(span.parentSpanContext?.spanId).toBe(sent(otel).spanContext().spanId);
  });
});

describe('currentJobTrace', () => {
  it("gives the context that @appsignal's instrumentation has put between the options", async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    const { id = '' } = await instrumented(() => instrumentedQueue(world).add('welcome', {}));

    const job = await world.hostQueue('mail').getJob(id);

    expect(currentJobTrace(job ?? {})?.spanId).toBe(sent(otel).spanContext().spanId);
  });
});

describe('jobs of ours', () => {
  it('are processed by a worker with bullmq-otel, in the same trace', async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    const { id } = await world.queue('mail', createOtelTelemetry()).add('welcome', {});
    world.hostWorker('mail', async () => 'sent', { telemetry: peer() });

    const span = await processed(otel);

    await completed(world, id);
    expect(span.parentSpanContext?.spanId).toBe(sent(otel).spanContext().spanId);
  });

  it('are processed there too when their carrier asks for a link', async () => {
    registerOtel();
    const world = openJobWorld();
    const queue = world.queue('mail', createOtelTelemetry());
    const jobs = await queue.addBulk([
      { name: 'a', data: {} },
      { name: 'b', data: {} },
    ]);
    world.hostWorker('mail', async () => 'sent', { telemetry: peer() });

    for (const { id } of jobs) await completed(world, id);
  });

  it("are processed by a worker under @appsignal's instrumentation", async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    const { id } = await world.queue('mail', createOtelTelemetry()).add('welcome', {});

    await instrumented(async () => {
      const { connection, prefix } = world;
      const worker = new bullmq.Worker('mail', async () => 'sent', { connection, prefix });
      await completed(world, id);
      await worker.close();
    });

    expect(otel.spans().some(({ name }) => name === 'Worker.run mail')).toBe(true);
  });
});

describe('a job with the carrier of somebody else', () => {
  it('is no reason to count a carrier as rejected', async () => {
    const otel = registerOtel();
    const world = openJobWorld();
    const telemetry = createOtelTelemetry();
    await instrumented(() => instrumentedQueue(world).add('welcome', {}));
    world.worker('mail', async () => 'sent', telemetry);
    await processed(otel);

    expect(telemetryHealth(telemetry).rejectedCarriers).toEqual({});
  });
});

describe('doctor', () => {
  it("tells @appsignal's instrumentation that was left in", async () => {
    registerOtel();
    const isSameCopy = (await import('bullmq')).Queue === bullmq.Queue;
    const report = await instrumented(() => doctor({ telemetry: createOtelTelemetry() }));

    expect(report.findings.map(({ code }) => code)).toEqual(isSameCopy ? ['patched'] : []);
  });
});
