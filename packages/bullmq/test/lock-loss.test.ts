import { waitFor } from '@throughline/testkit';
import { type Job, RateLimitError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { bullmqTelemetry, observeWorker } from '../src/index.ts';
import { ambientRecording, endedSpan, type JobWorld, openJobWorld } from './support/job-world.ts';

const dropLock = (world: JobWorld, job: Job): Promise<number> =>
  world.redis.del(`${world.prefix}:mail:${job.id}:lock`);

describe('a lock that cannot be renewed', () => {
  it('is told on the span while the processor still runs', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const seen: unknown[] = [];
    const processor = async (job: Job) => {
      await dropLock(world, job);
      const span = telemetry.find('process mail');
      await waitFor(() => span?.attributes['throughline.lock_lost'] === true);
      seen.push(span?.endTime);
    };
    world.worker('mail', processor, telemetry, { lockDuration: 40 });

    await world.hostQueue('mail').add('welcome', {});

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('lost');
    expect(seen).toEqual([undefined]);
  });

  it('is told through observeWorker as well', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = async (job: Job) => {
      await dropLock(world, job);
      await waitFor(() => telemetry.find('process mail')?.attributes['throughline.lock_lost'] === true);
    };
    observeWorker(world.hostWorker('mail', processor, { lockDuration: 40 }), telemetry);

    await world.hostQueue('mail').add('welcome', {});

    await waitFor(() => telemetry.find('process mail')?.attributes['throughline.lock_lost'] === true);
  });
});

describe('a start whose result BullMQ refuses', () => {
  it.each([
    { what: 'returns', processor: async () => 'done' },
    { what: 'fails', processor: () => Promise.reject(new Error('busy')) },
    { what: 'is rate limited', processor: () => Promise.reject(new RateLimitError()) },
  ])('is lost because its lock is, when the processor $what', async ({ processor }) => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const losing = async (job: Job): Promise<unknown> => {
      await dropLock(world, job);
      return processor();
    };
    world.worker('mail', losing, telemetry);

    await world.hostQueue('mail').add('welcome', {}, { attempts: 3 });

    const span = await endedSpan(telemetry, 'process mail');
    expect(span.outcome).toBe('lost');
    expect(span.attributes).toMatchObject({ 'throughline.lock_lost': true });
  });

  it('counts a lost lock once', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = async (job: Job) => {
      await dropLock(world, job);
      await waitFor(() => telemetry.find('process mail')?.attributes['throughline.lock_lost'] === true);
    };
    world.worker('mail', processor, telemetry, { lockDuration: 40 });

    await world.hostQueue('mail').add('welcome', {});
    await endedSpan(telemetry, 'process mail');

    const counted = telemetry.measurements.filter(({ name }) => name === 'throughline.lock_lost');
    expect(counted.map(({ value }) => value)).toEqual([1]);
  });

  it('is lost because the job was removed, when it was', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = async (job: Job) => {
      await dropLock(world, job);
      await job.remove();
    };
    world.worker('mail', processor, telemetry);

    await world.hostQueue('mail').add('welcome', {});

    const span = await endedSpan(telemetry, 'process mail');
    expect(span.outcome).toBe('lost');
    expect(span.attributes).toMatchObject({ 'throughline.reason': 'removed' });
    expect(span.attributes['throughline.lock_lost']).toBeUndefined();
  });

  it('is lost for a worker with bullmqTelemetry alone', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const processor = (job: Job) => dropLock(world, job);
    world.hostWorker('mail', processor, { telemetry: bullmqTelemetry(telemetry) });

    await world.hostQueue('mail').add('welcome', {});

    const span = await endedSpan(telemetry, 'process mail');
    expect(span.outcome).toBe('lost');
    expect(span.attributes).toMatchObject({ 'throughline.lock_lost': true });
  });
});
