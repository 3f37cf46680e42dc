import type { RecordedSpan } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import * as host from 'bullmq';
import { type Job, UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';

const isBullmq6 = 'RedisQueueBackend' in host;
const anHour = 3_600_000;
const reasonsOf = (spans: readonly RecordedSpan[]): readonly unknown[] =>
  spans.map((span) => span.attributes['throughline.reason']);
const busy = (): Promise<never> => Promise.reject(new Error('busy'));

describe('a start that somebody asked for', () => {
  it.each([
    { what: 'had used up its attempts', processor: busy, attempts: 1 },
    { what: 'was unrecoverable', processor: () => Promise.reject(new UnrecoverableError('no')), attempts: 5 },
  ])('is a manual retry of a job that $what', async ({ processor, attempts }) => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', processor, telemetry);
    const job = await world.queue('mail', telemetry).add('welcome', {}, { attempts });
    await endedSpan(telemetry, 'process mail');

    await job.retry();

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(reasonsOf(spans)).toEqual([undefined, 'manual_retry']);
    expect(spans[1]?.links).toEqual([{ context: spans[0]?.context, relation: 'retry_of' }]);
  });

  it.each([{ resetAttemptsStarted: true }, { resetAttemptsStarted: true, resetAttemptsMade: true }])(
    'is a manual retry, and waited for nothing of its own, when starts are counted anew: %j',
    async (reset) => {
      const world = openJobWorld();
      const telemetry = ambientRecording();
      world.worker('mail', busy, telemetry);
      const job = await world.queue('mail', telemetry).add('welcome', {}, { delay: 5 });
      await endedSpan(telemetry, 'process mail');

      await job.retry('failed', reset);

      const spans = await endedSpans(telemetry, 'process mail', 2);
      expect(spans.map(({ entity }) => entity?.attempt)).toEqual([1, 1]);
      expect(reasonsOf(spans)).toEqual([undefined, 'manual_retry']);
      expect(spans[1]?.links).toEqual([{ context: spans[0]?.context, relation: 'retry_of' }]);
      expect(spans[1]?.attributes['throughline.wait.duration']).toBeUndefined();
      expect(spans[1]?.attributes['throughline.delay.duration']).toBeUndefined();
    },
  );

  it('is a manual retry, too, when another process ran what came before', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const elsewhere = world.hostWorker('mail', busy);
    const failed = new Promise((resolve) => elsewhere.once('failed', resolve));
    const job = await world.hostQueue('mail').add('welcome', {});
    await failed;
    await elsewhere.close();

    await job.retry();
    world.worker('mail', async () => {}, telemetry);

    expect(reasonsOf(await endedSpans(telemetry, 'process mail'))).toEqual(['manual_retry']);
  });

  it('is promoted when the job was not due yet', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const job = await world.queue('mail', telemetry).add('welcome', {}, { delay: anHour });

    await job.promote();
    world.worker('mail', async () => {}, telemetry);

    expect(reasonsOf(await endedSpans(telemetry, 'process mail'))).toEqual(['promoted']);
  });

  it('is promoted when its backoff was not over yet', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async (job) => (job.attemptsStarted === 1 ? busy() : undefined), telemetry);
    const job = await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2, backoff: anHour });
    await endedSpan(telemetry, 'process mail');

    await job.promote();

    expect(reasonsOf(await endedSpans(telemetry, 'process mail', 2))).toEqual([undefined, 'promoted']);
  });

  it.each([
    { what: 'a job without a delay', opts: {} },
    { what: 'a job that was due', opts: { delay: 20 } },
    { what: 'a job with a priority', opts: { priority: 3 } },
    { what: 'an automatic retry', opts: { attempts: 2, backoff: 10 } },
  ])('is not $what', async ({ opts }) => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', busy, telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, opts);

    const spans = await endedSpans(telemetry, 'process mail', opts.attempts ?? 1);
    expect(new Set(reasonsOf(spans))).toEqual(new Set([undefined]));
  });
});

describe('a start after a stall that another process left', () => {
  it('says so, where the counters of the job leave no other story', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const job = await world.hostQueue('mail').add('welcome', {});
    await world.redis.hset(`${world.prefix}:mail:${job.id}`, { ats: 2, stc: 2 });

    world.worker('mail', async () => {}, telemetry, { maxStalledCount: 5 });

    const [span] = await endedSpans(telemetry, 'process mail');
    expect(span?.attributes).toMatchObject({ 'throughline.reason': 'stalled', 'throughline.stalled': 2 });
  });

  it('is not told as such when the job was handed back, or failed, as well', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const job = await world.hostQueue('mail').add('welcome', {}, { attempts: 5 });
    await world.redis.hset(`${world.prefix}:mail:${job.id}`, { ats: 2, stc: 1, atm: 1 });

    world.worker('mail', async () => {}, telemetry);

    const [span] = await endedSpans(telemetry, 'process mail');
    expect(span?.attributes['throughline.reason']).toBeUndefined();
    expect(span?.attributes['throughline.stalled']).toBe(1);
  });
});

describe('a job that has failed without having run', () => {
  it('was started too often', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const ran: unknown[] = [];
    const processor = async (job: Job, token?: string) => {
      ran.push(job.attemptsStarted);
      await job.moveToWait(token);
      throw Object.assign(new Error('again'), { name: 'WaitingError' });
    };
    world.worker('mail', processor, telemetry, { maxStartedAttempts: 2 });

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 9 });

    const spans = await endedSpans(telemetry, 'process mail', 3);
    expect(ran).toEqual([1, 2]);
    expect(spans.map(({ outcome }) => outcome)).toEqual(['released', 'released', 'error']);
    expect(reasonsOf(spans)).toEqual([undefined, undefined, 'max_started']);
  });

  it('has a child that failed', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const ran: unknown[] = [];
    world.worker('children', busy, telemetry);
    world.worker('parents', async (job) => void ran.push(job.id), telemetry);

    await world.flows(telemetry).add({
      name: 'parent',
      queueName: 'parents',
      children: [{ name: 'child', queueName: 'children', opts: { failParentOnFailure: true } }],
    });

    const parent = await endedSpan(telemetry, 'process parents');
    expect(ran).toEqual([]);
    expect(parent.outcome).toBe('error');
    expect(parent.attributes['throughline.reason']).toBe('child_failed');
  });

  it('is told from a job that ran and failed', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const message = 'job started more than allowable limit';
    world.worker('mail', () => Promise.reject(new UnrecoverableError(message)), telemetry);

    await world.queue('mail', telemetry).add('welcome', {});

    expect((await endedSpan(telemetry, 'process mail')).attributes['throughline.reason']).toBeUndefined();
  });
});

describe('a parent of a child that failed', () => {
  it.each([
    { option: 'ignoreDependencyOnFailure' },
    { option: 'removeDependencyOnFailure' },
    { option: 'continueParentOnFailure' },
  ])('runs, and is ok, with $option', async ({ option }) => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('children', busy, telemetry);
    world.worker('parents', async () => {}, telemetry);

    await world.flows(telemetry).add({
      name: 'parent',
      queueName: 'parents',
      children: [{ name: 'child', queueName: 'children', opts: { [option]: true } }],
    });

    const parent = await endedSpan(telemetry, 'process parents');
    expect((await endedSpan(telemetry, 'process children')).outcome).toBe('error');
    expect(parent.outcome).toBe('ok');
    expect(parent.attributes['throughline.reason']).toBeUndefined();
  });
});

describe('maxStartedAttempts', () => {
  it('ends a job whose attempts are not used up', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', busy, telemetry, { maxStartedAttempts: 2 });

    const job = await world.queue('mail', telemetry).add('welcome', {}, { attempts: 9 });

    await waitFor(async () => (await world.stored('mail', job.id ?? '', 'finishedOn')) !== null);
    const spans = await endedSpans(telemetry, 'process mail', 2);
    // BullMQ 5 starts it once more than it may, without running it; BullMQ 6 knows at the last failure.
    expect(spans.map(({ outcome }) => outcome)).toEqual(
      isBullmq6 ? ['retry', 'error'] : ['retry', 'retry', 'error'],
    );
    expect(reasonsOf(spans).at(-1)).toBe(isBullmq6 ? undefined : 'max_started');
  });
});
