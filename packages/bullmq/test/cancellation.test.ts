import { waitFor } from '@throughline/testkit';
import { type Job, UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { wrapProcessor } from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';

/** Fails as soon as it is cancelled, at its first start. */
const cancellable = (failure: Error) => (job: Job, _token?: string, signal?: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    if (job.attemptsStarted > 1) return resolve();
    signal?.addEventListener('abort', () => reject(failure));
  });

/** BullMQ gives an `AbortSignal` to processors of three parameters. */
const running = (telemetry: ReturnType<typeof ambientRecording>) =>
  waitFor(() => telemetry.find('process mail') !== undefined, { what: 'the job to be running' });

describe('a job that is cancelled while it runs', () => {
  it('is what BullMQ makes of its failure, a retry, and says that it was cancelled', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const failure = new DOMException('cancelled', 'AbortError');
    const worker = world.worker('mail', cancellable(failure), telemetry);
    const job = await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2 });
    await running(telemetry);

    worker.cancelJob(job.id ?? '', 'no longer wanted');

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map(({ outcome }) => outcome)).toEqual(['retry', 'ok']);
    expect(spans.map((span) => span.attributes['throughline.reason'])).toEqual(['canceled', undefined]);
    expect(spans[0]?.error).toBe(failure);
  });

  it('has failed for good, as in BullMQ, when its processor gives up', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const worker = world.worker('mail', cancellable(new UnrecoverableError('cancelled')), telemetry);
    const job = await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2 });
    await running(telemetry);

    worker.cancelAllJobs();

    const span = await endedSpan(telemetry, 'process mail');
    expect(span.outcome).toBe('error');
    expect(span.attributes['throughline.reason']).toBe('canceled');
    await waitFor(() => job.isFailed(), { what: 'BullMQ to have failed the job' });
  });

  it('is ok, without a reason, when its processor completes nevertheless', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const deaf = (_job: Job, _token?: string, signal?: AbortSignal) =>
      new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    const worker = world.worker('mail', deaf, telemetry);
    await world.queue('mail', telemetry).add('welcome', {});
    await running(telemetry);

    worker.cancelAllJobs();

    const span = await endedSpan(telemetry, 'process mail');
    expect(span.outcome).toBe('ok');
    expect(span.attributes['throughline.reason']).toBeUndefined();
  });

  it('is told apart from one that failed by itself', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const failing = (_job: Job, _token?: string, _signal?: AbortSignal) => Promise.reject(new Error('busy'));
    world.worker('mail', failing, telemetry);

    await world.queue('mail', telemetry).add('welcome', {});

    expect((await endedSpan(telemetry, 'process mail')).attributes['throughline.reason']).toBeUndefined();
  });

  it('says so through wrapProcessor as well', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = wrapProcessor(cancellable(new Error('cancelled')), telemetry);
    const worker = world.hostWorker('mail', processor);
    await world.hostQueue('mail').add('welcome', {});
    await running(telemetry);

    worker.cancelAllJobs();

    const span = await endedSpan(telemetry, 'process mail');
    expect(span.outcome).toBe('error');
    expect(span.attributes['throughline.reason']).toBe('canceled');
  });
});
