import { waitFor } from '@throughline/testkit';
import type { FlowJob } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';

const report: FlowJob = {
  name: 'report',
  queueName: 'reports',
  children: [
    { name: 'fetch', queueName: 'downloads', data: 5 },
    { name: 'fetch', queueName: 'downloads', opts: { attempts: 2 } },
  ],
};

describe('a flow from the drop-in FlowProducer', () => {
  it('is one trace, its send spans nested like the flow', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('downloads', async () => {}, telemetry);
    world.worker('reports', async () => {}, telemetry);

    await world.flows(telemetry).add(report);

    const root = await endedSpan(telemetry, 'send reports');
    const downloads = await endedSpans(telemetry, 'send downloads', 2);
    await endedSpan(telemetry, 'process reports');
    expect(downloads.map((span) => span.parent?.spanId)).toEqual([root.context.spanId, root.context.spanId]);
    expect(new Set(telemetry.spans.map((span) => span.context.traceId)).size).toBe(1);
    expect(telemetry.spans).toHaveLength(6);
  });

  it('gives nodes without options a carrier, too', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();

    const { children } = await world.flows(telemetry).add(report);

    const carriers = children?.map(({ job }) => typeof job.opts.telemetry?.metadata);
    expect(carriers).toEqual(['string', 'string']);
  });

  it('adds nodes of a class as BullMQ does', async () => {
    class Download {
      get name() {
        return 'fetch';
      }
      get queueName() {
        return 'downloads';
      }
      get data() {
        return { page: 3 };
      }
      get opts() {
        return { jobId: 'page-3' };
      }
    }
    const world = openJobWorld();
    const flow = { ...report, children: [new Download()] };

    const { job } = await world.flows(ambientRecording()).add(flow);

    const waitedFor = await job.getDependencies();
    expect(waitedFor.unprocessed).toEqual([`${world.prefix}:downloads:page-3`]);
    expect(await world.stored('downloads', 'page-3', 'data')).toBe('{"page":3}');
  });

  it('leaves the flow of the caller as it is', async () => {
    const world = openJobWorld();
    const flow = structuredClone(report);

    await world.flows(ambientRecording()).add(flow);

    expect(flow).toEqual(report);
  });

  it('names every job by its own queue and id', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();

    const { job, children } = await world.flows(telemetry).add(report);

    const entities = telemetry.spans.map(({ entity }) => [entity?.queue, entity?.id]);
    expect(entities).toEqual([
      [`${world.prefix}:reports`, job.id],
      ...(children ?? []).map((child) => [`${world.prefix}:downloads`, child.job.id]),
    ]);
  });

  it('counts what was sent by queue', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();

    await world.flows(telemetry).addBulk([report, report]);

    const sent = telemetry.measurements.filter(({ name }) => name === 'messaging.client.sent.messages');
    const counts = sent.map(({ attributes, value }) => [attributes['messaging.destination.name'], value]);
    expect(counts).toEqual([
      ['reports', 2],
      ['downloads', 4],
    ]);
  });

  it('has failed as a whole when it could not be added', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const orphan: FlowJob = {
      ...report,
      opts: { parent: { id: 'nobody', queue: `${world.prefix}:nowhere` } },
    };

    const failure = await world
      .flows(telemetry)
      .add(orphan)
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(Error);
    expect(telemetry.spans.map((span) => span.outcome)).toEqual(['error', 'error', 'error']);
    expect(telemetry.spans.every((span) => span.error === failure)).toBe(true);
  });

  it('has failed as a whole when a child cannot be read', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const children = [{ name: 'fetch', queueName: 'downloads' }, null as never];

    await expect(world.flows(telemetry).addBulk([report, { ...report, children }])).rejects.toThrow(
      TypeError,
    );

    expect(telemetry.spans.map((span) => span.outcome)).toEqual(Array(5).fill('error'));
  });

  it('keeps a telemetry in its options that another class can take', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const { opts } = world.flows(telemetry);

    world.worker('mail', async () => {}, opts.telemetry);
    await world.queue('mail', opts.telemetry).add('welcome', {});

    await waitFor(() => telemetry.find('process mail')?.endTime, { what: 'the process span' });
    expect(telemetry.spans.map((span) => span.name)).toEqual(['send mail', 'process mail']);
  });
});
