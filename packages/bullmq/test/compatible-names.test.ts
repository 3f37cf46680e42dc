import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { createOtelTelemetry } from '@throughline/otel';
import { waitFor } from '@throughline/testkit';
import type { Telemetry as HostTelemetry, Job } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { describe, expect, it } from 'vitest';
import { bullmqTelemetry, observeWorker, wrapProcessor } from '../src/index.ts';
import { type JobWorld, openJobWorld } from './support/job-world.ts';
import { registerOtel } from './support/real-otel.ts';

/** How a workload is put on BullMQ. */
interface Classes {
  queue(world: JobWorld): { add(name: string, data: object, opts?: object): Promise<Job> };
  worker(
    world: JobWorld,
    name: string,
    processor: (job: Job) => Promise<unknown>,
  ): { close(): Promise<void> };
  flows?(world: JobWorld): { add(flow: object): Promise<unknown> };
}

const theirScope = 'their-application';
const ourScope = '@throughline/otel';
const peer = () =>
  new BullMQOtel({
    tracerName: theirScope,
    meterName: theirScope,
    enableMetrics: true,
  }) as unknown as HostTelemetry;
const compatible = () => bullmqTelemetry(createOtelTelemetry(), { names: 'bullmq-otel' });

/** BullMQ's own classes with an object for their `telemetry`. */
function hostClasses(telemetry: HostTelemetry, isLayered = false): Classes {
  return {
    queue: (world) => world.hostQueue('mail', { telemetry }),
    worker(world, name, processor) {
      if (!isLayered) return world.hostWorker(name, processor, { telemetry, name: 'w1' });
      const worker = world.hostWorker(name, wrapProcessor(processor, telemetry), { telemetry, name: 'w1' });
      observeWorker(worker, telemetry);
      return worker;
    },
  };
}

function dropIns(telemetry: HostTelemetry): Classes {
  return {
    queue: (world) => world.queue('mail', telemetry),
    worker: (world, name, processor) => world.worker(name, processor, telemetry, { name: 'w1' }),
    flows: (world) => world.flows(telemetry),
  };
}

/** One job that succeeds, one that fails and then succeeds, one that fails for good. */
async function run({ queue, worker }: Classes): Promise<void> {
  const world = openJobWorld();
  let starts = 0;
  const running = worker(world, 'mail', async (job) => {
    starts += 1;
    if (job.name === 'refused' || (job.name === 'flaky' && job.attemptsMade === 0)) throw new Error('busy');
    return 'sent';
  });
  const mail = queue(world);
  await mail.add('welcome', {});
  await mail.add('flaky', {}, { attempts: 2, backoff: 5 });
  await mail.add('refused', {});
  await waitFor(() => starts === 4, { what: 'four starts' });
  await running.close();
}

/** Name, kind and BullMQ's attributes of the spans of jobs. */
function shapes(spans: readonly ReadableSpan[]): readonly string[] {
  return spans
    .filter(({ kind }) => kind === SpanKind.PRODUCER || kind === SpanKind.CONSUMER)
    .map((span) => {
      const names = Object.keys(span.attributes).filter((name) => name.startsWith('bullmq.'));
      return `${SpanKind[span.kind]} ${span.name}: ${names.sort().join(' ')}`;
    })
    .sort();
}

/** What is the same for both, whichever job ids and times there are. */
function values(spans: readonly ReadableSpan[]): readonly unknown[] {
  const same = ['queue.name', 'queue.operation', 'job.name', 'job.id', 'job.attempts.made', 'worker.name'];
  return spans
    .filter(({ kind }) => kind === SpanKind.CONSUMER)
    .map(({ attributes }) => same.map((name) => attributes[`bullmq.${name}`]))
    .sort((a, b) => String(a).localeCompare(String(b)));
}

describe.each([
  { name: 'the drop-in classes', classes: () => dropIns(compatible()) },
  { name: "BullMQ's classes with all layers", classes: () => hostClasses(compatible(), true) },
])("names: 'bullmq-otel' with $name", ({ classes }) => {
  it('gives spans the names, kinds and attributes of bullmq-otel over the same jobs', async () => {
    const otel = registerOtel();
    await run(hostClasses(peer()));
    const theirs = [...otel.spans()];
    await run(classes());
    const ours = otel.spans().slice(theirs.length);

    expect(shapes(ours)).toEqual(shapes(theirs));
    expect(values(ours)).toEqual(values(theirs));
    expect(shapes(theirs)).toHaveLength(7);
  });

  it('measures the metrics of bullmq-otel, beside ours', async () => {
    const otel = registerOtel();
    await run(hostClasses(peer()));
    await run(classes());
    const [theirs, ours] = [await otel.metrics(theirScope), await otel.metrics(ourScope)];

    const bullmqs = ours.filter(({ descriptor }) => descriptor.name.startsWith('bullmq.'));
    const described = (all: typeof ours) =>
      all.map(({ descriptor, dataPointType, dataPoints }) => ({
        name: descriptor.name,
        unit: descriptor.unit,
        dataPointType,
        points: dataPoints
          .map(({ attributes, value }) => ({
            attributes,
            value: typeof value === 'object' ? value.count : value,
          }))
          .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
      }));
    const sorted = (all: typeof ours) => described(all).sort((a, b) => a.name.localeCompare(b.name));
    expect(sorted(bullmqs)).toEqual(sorted(theirs));
    expect(sorted(theirs).map(({ name }) => name)).toEqual([
      'bullmq.job.duration',
      'bullmq.jobs.completed',
      'bullmq.jobs.delayed',
      'bullmq.jobs.failed',
    ]);
    expect(ours.map(({ descriptor }) => descriptor.name)).toContain('messaging.process.duration');
  });

  it('keeps our attributes, outcomes and errors beside them', async () => {
    const otel = registerOtel();
    await run(classes());

    const failed = otel.spans().filter(({ name, status }) => name === 'process mail' && status.code === 2);
    expect(failed).toHaveLength(2);
    for (const { attributes } of failed)
      expect(attributes).toMatchObject({
        'messaging.system': 'bullmq',
        'messaging.destination.name': 'mail',
        'error.type': 'Error',
      });
  });
});

describe("names: 'bullmq-otel'", () => {
  it('calls the nodes of a flow as bullmq-otel does', async () => {
    const otel = registerOtel();
    const flow = {
      name: 'report',
      queueName: 'reports',
      opts: {},
      children: [{ name: 'fetch', queueName: 'downloads', opts: {} }],
    };
    const world = openJobWorld();
    await world.flows(peer()).add(flow);
    const theirs = shapes(otel.spans()).filter((shape) => !shape.includes('addFlow'));
    const count = otel.spans().length;
    await world.flows(compatible()).add(flow);

    expect(shapes(otel.spans().slice(count))).toEqual(theirs);
    expect(theirs.map((shape) => shape.split(':')[0])).toEqual([
      'PRODUCER addNode downloads',
      'PRODUCER addNode reports',
    ]);
  });

  it("feeds BullMQ's gauge of jobs by state", async () => {
    const otel = registerOtel();
    const queue = openJobWorld().queue('mail', compatible());
    await queue.add('welcome', {});
    await queue.recordJobCountsMetric('waiting', 'failed');

    const metrics = await otel.metrics(ourScope);
    const gauge = metrics.find(({ descriptor }) => descriptor.name === 'bullmq.queue.jobs');
    const points = gauge?.dataPoints.map(({ attributes, value }) => ({ ...attributes, value }));
    expect(points).toContainEqual({
      'bullmq.queue.name': 'mail',
      'bullmq.queue.jobs.state': 'waiting',
      value: 1,
    });
    expect(points).toContainEqual({
      'bullmq.queue.name': 'mail',
      'bullmq.queue.jobs.state': 'failed',
      value: 0,
    });
  });

  it('is not measured where nobody asked for it', async () => {
    const otel = registerOtel();
    await run(dropIns(bullmqTelemetry(createOtelTelemetry())));

    const metrics = await otel.metrics(ourScope);
    expect(metrics.filter(({ descriptor }) => descriptor.name.startsWith('bullmq.'))).toEqual([]);
    expect(shapes(otel.spans()).filter((shape) => shape.includes('bullmq.'))).toEqual([]);
  });

  it('is refused when it is no name that is known', () => {
    const options = { names: 'appsignal' as never };
    expect(() => bullmqTelemetry(createOtelTelemetry(), options)).toThrow(/bullmqTelemetry.names/);
  });
});
