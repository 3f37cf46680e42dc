import process from 'node:process';
import type { RecordingTelemetry } from '@throughline/core/testing';
import type { TraceGraph } from '@throughline/core/trace-graph';
import { waitFor } from '@throughline/testkit';
import type { Job } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { bullmqTelemetry, observeWorker } from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, type JobWorld, openJobWorld } from './support/job-world.ts';
import { commandsDuring } from './support/redis-commands.ts';
import { storedWhen, storingHere, storingProcess } from './support/storing-process.ts';

const eager = { stalledInterval: 50 };

/** Loses the lock of a job's first start, and goes on once the stall is told. */
function stallsOnce({ redis, prefix }: JobWorld, telemetry: RecordingTelemetry) {
  return async (job: Job): Promise<void> => {
    if (job.attemptsStarted > 1) return;
    await redis.del(`${prefix}:mail:${job.id}:lock`);
    await waitFor(() => telemetry.find('job:stalled') !== undefined);
  };
}

/** The states of the starts of a job, by number. */
function startsOf(graph: TraceGraph, jobId: string): readonly unknown[] {
  return graph.attempts(jobId)?.attempts.map(({ attempt, state }) => [attempt, state]) ?? [];
}

const isReported = (graph: TraceGraph): boolean => graph.findByType('job:stalled').length > 0;

describe('a worker process that is killed while it runs a job', () => {
  it('has stored the start before, and the job is open', async () => {
    const world = openJobWorld();
    const here = storingHere();
    const there = await storingProcess(world);
    const { id = '' } = await world.queue('work', here.telemetry).add('wait', {});
    await there.waitForLine(/^event .*job:started/);

    await there.kill('SIGKILL');

    const graph = await here.graphOf(id, there);
    expect(startsOf(graph, id)).toEqual([[1, 'open']]);
    expect(graph.explainFailure().outcome).toBe('open');
  });

  it('is found by another, whose report makes the start interrupted before anybody takes the job up', async () => {
    const world = openJobWorld();
    const here = storingHere();
    const there = await storingProcess(world);
    const { id = '' } = await world.queue('work', here.telemetry).add('wait', {});
    await there.waitForLine(/^event .*job:started/);
    await there.kill('SIGKILL');

    // It looks for stalled jobs, and takes none.
    const watcher = world.worker('work', null, here.telemetry, { ...eager, autorun: false });
    await watcher.startStalledCheckTimer();

    const graph = await storedWhen(here, there, id, isReported);
    expect(startsOf(graph, id)).toEqual([[1, 'interrupted']]);
    expect(graph.openSpans()).toEqual([]);
    expect(graph.explainFailure().outcome).toBe('interrupted');
    expect(graph.explainFailure().toText()).toContain('its worker was lost');
  });

  it('is followed by a second start that is joined to the first, and why says so', async () => {
    const world = openJobWorld();
    const here = storingHere();
    const there = await storingProcess(world);
    const { id = '' } = await world.queue('work', here.telemetry).add('wait', {});
    await there.waitForLine(/^event .*job:started/);
    await there.kill('SIGKILL');

    world.worker('work', async () => {}, here.telemetry, eager);

    const graph = await storedWhen(
      here,
      there,
      id,
      (stored) => isReported(stored) && stored.attempts(id)?.state === 'completed',
    );
    const [first] = graph.attempts(id)?.attempts ?? [];
    const { outcome, interrupted } = graph.explainFailure();
    expect(startsOf(graph, id)).toEqual([
      [1, 'interrupted'],
      [2, 'completed'],
    ]);
    expect(outcome).toBe('success');
    expect(interrupted.map(({ span, reason }) => [span.spanId, reason])).toEqual([
      [first?.spanId, 'stalled'],
    ]);
    expect(graph.explainFailure().toText()).toMatch(
      /start 1, stalled, taken up by start 2 in another process/,
    );
  });
});

describe('a worker process that is frozen while it runs a job, and wakes up', () => {
  it('has lost it: the result does not count, and another start has recovered', async () => {
    const world = openJobWorld();
    const here = storingHere();
    const there = await storingProcess(world);
    const job = await world.queue('work', here.telemetry).add('wait', {});
    await there.waitForLine(/^event .*job:started/);

    process.kill(there.pid, 'SIGSTOP');
    const recovering = world.worker('work', async () => 'recovered', here.telemetry, eager);
    await new Promise((resolve) => recovering.once('completed', resolve));
    process.kill(there.pid, 'SIGCONT');
    process.kill(there.pid, 'SIGUSR2');
    await there.waitForLine(/^event .*"job:stalled"/);

    const id = job.id ?? '';
    const graph = await here.graphOf(id, there);
    const [lost, recovered] = graph.attempts(id)?.attempts ?? [];
    expect(startsOf(graph, id)).toEqual([
      [1, 'interrupted'],
      [2, 'completed'],
    ]);
    expect(lost?.events.at(-1)?.data).toMatchObject({ outcome: 'lost' });
    expect(lost?.attributes).toMatchObject({ 'throughline.lock_lost': true });
    expect(recovered?.attributes).toMatchObject({
      'throughline.reason': 'stalled',
      'throughline.stalled': 1,
    });
    expect(graph.explainFailure().outcome).toBe('success');
    expect(await world.stored('work', id, 'returnvalue')).toBe('"recovered"');
  });
});

describe('a job that has stalled too often', () => {
  it('has failed for good without a run, in one span', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const ran: unknown[] = [];
    const processor = async (job: Job) => {
      ran.push(job.attemptsStarted);
      await world.redis.del(`${world.prefix}:mail:${job.id}:lock`);
      await waitFor(() => telemetry.spans.filter(({ name }) => name === 'process mail').length === 2);
    };
    const opts = { stalledInterval: 20, maxStalledCount: 0, concurrency: 2 };
    world.worker('mail', processor, telemetry, opts);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 5 });

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(ran).toEqual([1]);
    expect(spans.map(({ outcome }) => outcome)).toEqual(['lost', 'error']);
    expect(spans[1]?.attributes).toMatchObject({
      'throughline.reason': 'max_stalled',
      'throughline.stalled': 1,
    });
    expect(String(spans[1]?.error)).toContain('stalled more than allowable limit');
  });
});

describe('the report of a stall', () => {
  it('is a point in the trace of the job, with the words by which people look the job up', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = stallsOnce(world, telemetry);
    world.worker('mail', processor, telemetry, { ...eager, concurrency: 2 });

    const job = await world.queue('mail', telemetry).add('welcome', {});

    const report = await endedSpan(telemetry, 'job:stalled');
    const send = await endedSpan(telemetry, 'send mail');
    expect(report.context.traceId).toBe(send.context.traceId);
    expect(report.eventType).toBe('job:stalled');
    expect(report.outcome).toBeUndefined();
    expect(report.entity).toMatchObject({ system: 'bullmq', queue: `${world.prefix}:mail`, id: job.id });
    expect(report.attributes).toMatchObject({ 'messaging.message.id': job.id, 'throughline.stalled': 1 });
  });

  it('is counted by the worker that found the job', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = stallsOnce(world, telemetry);
    world.worker('mail', processor, telemetry, { ...eager, concurrency: 2 });

    await world.queue('mail', telemetry).add('welcome', {});
    await endedSpans(telemetry, 'process mail', 2);

    const counted = telemetry.measurements.filter(({ name }) => name === 'throughline.stalled');
    expect(counted.map(({ value }) => value)).toEqual([1]);
  });

  it('comes from observeWorker as well', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = stallsOnce(world, telemetry);
    observeWorker(world.hostWorker('mail', processor, { ...eager, concurrency: 2 }), telemetry);

    const job = await world.queue('mail', telemetry).add('welcome', {});

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect((await endedSpan(telemetry, 'job:stalled')).entity?.id).toBe(job.id);
    expect(spans.map(({ outcome }) => outcome)).toEqual(['lost', 'ok']);
  });

  it('links as the settings of the worker say', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = stallsOnce(world, telemetry);
    const linking = bullmqTelemetry(telemetry, { prefix: world.prefix, relation: 'link' });
    const opts = { ...eager, concurrency: 2, telemetry: linking };
    observeWorker(world.hostWorker('mail', processor, opts), telemetry);

    await world.queue('mail', telemetry).add('welcome', {});

    const report = await endedSpan(telemetry, 'job:stalled');
    const send = await endedSpan(telemetry, 'send mail');
    await endedSpans(telemetry, 'process mail', 2);
    expect(report.parent).toBeUndefined();
    expect(report.links).toMatchObject([{ context: { spanId: send.context.spanId } }]);
  });

  it('costs one read of each job that stalled, and a job that did not stall none', async () => {
    const world = openJobWorld();
    const readsOf = async (telemetry: ReturnType<typeof ambientRecording> | undefined) => {
      const name = telemetry ? 'traced' : 'bare';
      const queue = world.hostQueue(name);
      await queue.addBulk(['stalls', 'runs', 'runs', 'runs'].map((job) => ({ name: job, data: {} })));
      let isRecovered = false;
      const processor = async (job: Job) => {
        if (job.attemptsStarted > 1) isRecovered = true;
        if (job.name !== 'stalls' || job.attemptsStarted > 1) return;
        await world.redis.del(`${world.prefix}:${name}:${job.id}:lock`);
        await waitFor(() => isRecovered);
      };
      const commands = await commandsDuring(world, async () => {
        const worker = world.worker(name, processor, telemetry, { ...eager, concurrency: 2 });
        await waitFor(() => isRecovered);
        if (telemetry) await endedSpan(telemetry, 'job:stalled');
        await worker.close();
      });
      return commands.filter((command) => command.name === 'hgetall' && !command.isFromScript).length;
    };

    const bare = await readsOf(undefined);

    expect(await readsOf(ambientRecording())).toBe(bare + 1);
  });
});
