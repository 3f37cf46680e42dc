import type { RecordedSpan } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import { DelayedError, type Job, RateLimitError, WaitingChildrenError, WaitingError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { bullmqTelemetry, observeWorker, wrapProcessor } from '../src/index.ts';
import { ambientRecording, endedSpans, type JobWorld, openJobWorld } from './support/job-world.ts';
import { storedWhen, storingHere, storingProcess } from './support/storing-process.ts';

/** Of each span, which earlier one it follows, and how: `2 retry_of 1`. */
function chainOf(spans: readonly RecordedSpan[]): readonly string[] {
  const attemptOf = (spanId: string): unknown =>
    spans.find((span) => span.context.spanId === spanId)?.entity?.attempt ?? 'unknown';
  return spans.flatMap((span) =>
    span.links.map(
      ({ context, relation }) => `${span.entity?.attempt} ${relation} ${attemptOf(context.spanId)}`,
    ),
  );
}

describe('the chain of the starts of a job in one process', () => {
  it('leads from each retry to the failure before it', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new Error('busy')), telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 3 });

    const spans = await endedSpans(telemetry, 'process mail', 3);
    expect(chainOf(spans)).toEqual(['2 retry_of 1', '3 retry_of 2']);
  });

  it.each([
    {
      outcome: 'delayed',
      suspend: async (job: Job, token?: string) => {
        await job.moveToDelayed(Date.now() + 5, token);
        throw new DelayedError();
      },
    },
    {
      outcome: 'rate_limited',
      suspend: async (_job: Job, _token: string | undefined, world: JobWorld) => {
        await world.hostQueue('mail').rateLimit(5);
        throw new RateLimitError();
      },
    },
    {
      outcome: 'released',
      suspend: async (job: Job, token = '') => {
        await job.moveToWait(token);
        throw new WaitingError();
      },
    },
    {
      outcome: 'waiting',
      suspend: async (job: Job, token = '', world: JobWorld) => {
        const parent = { id: job.id as string, queue: job.queueQualifiedName };
        await world.hostQueue('children').add('child', {}, { parent });
        await job.moveToWaitingChildren(token);
        world.hostWorker('children', async () => {});
        throw new WaitingChildrenError();
      },
    },
  ])('continues a start that was $outcome', async ({ outcome, suspend }) => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = async (job: Job, token?: string) => {
      if (job.attemptsStarted === 1) await suspend(job, token, world);
    };
    world.worker('mail', processor, telemetry);

    await world.hostQueue('mail').add('welcome', {});

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual([outcome, 'ok']);
    expect(chainOf(spans)).toEqual(['2 continues 1']);
  });

  it('leads from a recovering start to the one that stalled, also while that one still runs', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = async (job: Job) => {
      if (job.attemptsStarted === 1) await world.redis.del(`${world.prefix}:mail:${job.id}:lock`);
      await waitFor(() => telemetry.spans.filter(({ name }) => name === 'process mail').length === 2);
    };
    world.worker('mail', processor, telemetry, { concurrency: 2, stalledInterval: 20 });

    await world.hostQueue('mail').add('welcome', {});

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(chainOf(spans)).toEqual(['2 recovered_from 1']);
  });

  it('is the same through the layers for those who construct BullMQ’s classes', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    const processor = wrapProcessor(() => Promise.reject(new Error('busy')), recording);
    observeWorker(world.hostWorker('mail', processor, { telemetry }), recording);

    await world.hostQueue('mail').add('welcome', {}, { attempts: 3 });

    const spans = await endedSpans(recording, 'process mail', 3);
    expect(chainOf(spans)).toEqual(['2 retry_of 1', '3 retry_of 2']);
  });

  it('is the same with observeWorker alone, whose starts end as handed back when a new one begins', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const processor = async (job: Job, token?: string) => {
      if (job.attemptsStarted > 1) return;
      await job.moveToDelayed(Date.now() + 5, token);
      throw new DelayedError();
    };
    observeWorker(world.hostWorker('mail', processor), recording);

    await world.hostQueue('mail').add('welcome', {});

    const spans = await endedSpans(recording, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['released', 'ok']);
    expect(chainOf(spans)).toEqual(['2 continues 1']);
  });
});

describe('a start whose predecessor this process did not run', () => {
  it('has no link', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const elsewhere = world.hostWorker('mail', () => Promise.reject(new Error('busy')));
    const failed = new Promise((resolve) => elsewhere.once('failed', resolve));
    await world.hostQueue('mail').add('welcome', {}, { attempts: 2, backoff: 60_000 });
    await failed;
    await elsewhere.close();
    await world.hostQueue('mail').promoteJobs();

    world.worker('mail', async () => {}, telemetry);

    const spans = await endedSpans(telemetry, 'process mail');
    expect(spans.map((span) => span.entity?.attempt)).toEqual([2]);
    expect(spans[0]?.links).toEqual([]);
  });

  it('has no link to an earlier job that had the same id', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const queue = world.hostQueue('mail');
    const opts = { jobId: 'again', attempts: 2, backoff: 60_000 };
    const first = world.worker('mail', () => Promise.reject(new Error('busy')), telemetry);
    const failed = new Promise((resolve) => first.once('failed', resolve));
    await queue.add('welcome', {}, opts);
    await failed;
    await first.close();
    await queue.obliterate({ force: true });
    const elsewhere = world.hostWorker('mail', () => Promise.reject(new Error('busy')));
    const failedAgain = new Promise((resolve) => elsewhere.once('failed', resolve));
    await queue.resume();
    await queue.add('welcome', {}, opts);
    await failedAgain;
    await elsewhere.close();
    await queue.promoteJobs();

    world.worker('mail', async () => {}, telemetry);

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map((span) => span.entity?.attempt)).toEqual([1, 2]);
    expect(spans[1]?.links).toEqual([]);
  });

  it('is joined to it in the store, by the job and the number of the start', async () => {
    const world = openJobWorld();
    const here = storingHere();
    const there = await storingProcess(world);
    const job = await world.queue('work', here.telemetry).add('fail', {}, { attempts: 2, backoff: 60_000 });
    await there.waitForLine(/^failed/);
    await there.kill('SIGTERM');
    await job.promote();

    world.worker('work', async () => {}, here.telemetry);

    const jobId = job.id ?? '';
    const graph = await storedWhen(
      here,
      there,
      jobId,
      (stored) => stored.attempts(jobId)?.state === 'completed',
    );
    const sources = new Set(graph.attempts(jobId)?.attempts.map(({ events }) => events[0]?.source));
    expect(graph.attempts(jobId)?.attempts.map(({ attempt, state }) => [attempt, state])).toEqual([
      [1, 'retrying'],
      [2, 'completed'],
    ]);
    expect(sources.size).toBe(2);
    expect(graph.explainFailure().toText()).toMatch(/completed at start 2.* after RangeError: out of range/);
  });
});
