import type { RecordedMeasurement, RecordingTelemetry } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { bullmqTelemetry, observeWorker, wrapProcessor } from '../src/index.ts';
import { ambientRecording, endedSpans, openJobWorld } from './support/job-world.ts';

const measured = (telemetry: RecordingTelemetry, measure: string): readonly RecordedMeasurement[] =>
  telemetry.measurements.filter(({ name }) => name === measure);

function values(telemetry: RecordingTelemetry, measure: string): readonly number[] {
  return measured(telemetry, measure).map(({ value }) => value);
}

const waits = 'throughline.wait.duration';
const delays = 'throughline.delay.duration';
const backoffs = 'throughline.backoff.duration';
const runs = 'messaging.process.duration';
const busy = () => Promise.reject(new Error('busy'));

describe('the measures of a job that is worked on at once', () => {
  it('are wait and run', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);

    await world.queue('mail', telemetry).add('welcome', {});
    await endedSpans(telemetry, 'process mail');

    const names = [waits, delays, backoffs, runs];
    expect(names.map((name) => values(telemetry, name).length)).toEqual([1, 0, 0, 1]);
  });
});

describe('throughline.wait.duration', () => {
  it('is not told of the parent of a flow, which waited for its children first', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('reports', async () => {}, telemetry);
    world.worker('downloads', async () => {}, telemetry);

    await world.flows(telemetry).add({
      name: 'report',
      queueName: 'reports',
      opts: { timestamp: Date.now() - 3_600_000 },
      children: [
        { name: 'fetch', queueName: 'downloads' },
        { name: 'fetch', queueName: 'downloads' },
      ],
    });
    await endedSpans(telemetry, 'process reports');

    const queues = measured(telemetry, waits).map(
      ({ attributes }) => attributes['messaging.destination.name'],
    );
    expect(queues).toEqual(['downloads', 'downloads']);
  });
});

describe('throughline.delay.duration', () => {
  it('is what a job was put off by before its first start, and no part of the wait', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const queue = world.queue('mail', telemetry);
    await queue.add('welcome', {}, { delay: 3_600_000, timestamp: Date.now() - 7_200_000 });
    world.worker('mail', async () => {}, telemetry);

    await endedSpans(telemetry, 'process mail');

    expect(values(telemetry, delays)).toEqual([3_600]);
    expect(values(telemetry, waits)[0]).toBeGreaterThanOrEqual(3_600);
    expect(values(telemetry, waits)[0]).toBeLessThan(7_200);
  });

  it('is what had passed of it when the job was promoted', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const job = await world.queue('mail', telemetry).add('welcome', {}, { delay: 3_600_000 });
    await job.promote();
    world.worker('mail', async () => {}, telemetry);

    await endedSpans(telemetry, 'process mail');

    expect(values(telemetry, delays)[0]).toBeLessThan(3_600);
    expect(values(telemetry, waits)).toEqual([0]);
  });

  it('is measured once, however often the job is started', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', busy, telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { delay: 20, attempts: 3 });
    await endedSpans(telemetry, 'process mail', 3);

    expect(values(telemetry, delays)).toEqual([0.02]);
    expect(values(telemetry, waits)).toHaveLength(1);
    expect(values(telemetry, runs)).toHaveLength(3);
  });
});

describe('throughline.backoff.duration', () => {
  it.each([
    { backoff: 20, expected: [0.02, 0.02] },
    { backoff: { type: 'exponential', delay: 20 }, expected: [0.02, 0.04] },
    { backoff: { type: 'mine' }, expected: [0.015, 0.03] },
  ])('is what was chosen after each failure, for $backoff', async ({ backoff, expected }) => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', busy, telemetry, {
      settings: { backoffStrategy: (attemptsMade) => 15 * attemptsMade },
    });

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 3, backoff });
    await endedSpans(telemetry, 'process mail', 3);

    expect(values(telemetry, backoffs)).toEqual(expected);
  });

  it('is known when chance had its part in it', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const chosen: number[] = [];
    const worker = world.worker('mail', busy, telemetry);
    worker.on('failed', (job) => chosen.push((job?.delay ?? 0) / 1_000));

    const backoff = { type: 'fixed', delay: 60, jitter: 0.5 };
    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 3, backoff });
    await endedSpans(telemetry, 'process mail', 3);

    expect(values(telemetry, backoffs)).toEqual(chosen.slice(0, 2));
    expect(chosen[0]).toBeGreaterThan(0);
  });

  it('is nothing for a retry at once, a last failure and a job that was put off by its processor', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', busy, telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2 });
    await world.queue('mail', telemetry).add('welcome', {}, { backoff: 20 });
    await endedSpans(telemetry, 'process mail', 3);

    expect(values(telemetry, backoffs)).toEqual([]);
  });

  it('is known to observeWorker', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const host = { telemetry: bullmqTelemetry(telemetry, { prefix: world.prefix }) };
    observeWorker(world.hostWorker('mail', busy, host), telemetry);

    await world.hostQueue('mail', host).add('welcome', {}, { attempts: 2, backoff: 20, delay: 30 });
    await endedSpans(telemetry, 'process mail', 2);

    expect([values(telemetry, backoffs), values(telemetry, delays)]).toEqual([[0.02], [0.03]]);
  });

  it('is not known to wrapProcessor by itself, which is done before BullMQ has chosen', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.hostWorker('mail', wrapProcessor(busy, telemetry));

    await world.hostQueue('mail').add('welcome', {}, { attempts: 2, backoff: 20, delay: 30 });
    await endedSpans(telemetry, 'process mail', 2);

    expect([values(telemetry, backoffs), values(telemetry, delays)]).toEqual([[], [0.03]]);
  });
});

describe('every measure', () => {
  it('tells system, operation and queue, and no pause tells an outcome', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', busy, telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2, backoff: 20, delay: 30 });
    await endedSpans(telemetry, 'process mail', 2);

    const attributes = {
      'messaging.system': 'bullmq',
      'messaging.operation.name': 'process',
      'messaging.destination.name': 'mail',
    };
    const pauses = [...measured(telemetry, delays), ...measured(telemetry, backoffs)];
    expect(pauses.map((pause) => pause.attributes)).toEqual([attributes, attributes]);
    expect(pauses.map(({ unit }) => unit)).toEqual(['s', 's']);
  });

  it('is never negative when the clock of the producer is ahead', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const ahead = { timestamp: Date.now() + 3_600_000 };
    await world.queue('mail', telemetry).addBulk([
      { name: 'now', data: {}, opts: ahead },
      { name: 'ranked', data: {}, opts: { ...ahead, priority: 3 } },
    ]);
    world.worker('mail', async () => {}, telemetry);

    await waitFor(() => values(telemetry, runs).length === 2);

    expect(values(telemetry, waits)).toEqual([0, 0]);
    expect(Math.min(...telemetry.measurements.map(({ value }) => value))).toBeGreaterThanOrEqual(0);
  });
});
