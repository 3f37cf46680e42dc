import { traced } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { ambientRecording, endedSpans, openJobWorld } from './support/job-world.ts';

describe('a listener of a drop-in worker', () => {
  it('never has the span of another job active', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const seen: { readonly event: string; readonly jobId: unknown; readonly active: unknown }[] = [];
    const worker = traced(telemetry, 'boot', () =>
      world.worker(
        'mail',
        async (job) => {
          await job.updateProgress(50);
          if (job.name === 'fails') throw new Error('busy');
        },
        telemetry,
      ),
    );
    const note = (event: string) => (job: { id?: string } | undefined) =>
      void seen.push({ event, jobId: job?.id, active: telemetry.activeContext()?.spanId });
    for (const event of ['active', 'completed', 'failed', 'progress'] as const) worker.on(event, note(event));
    worker.on('drained', () => note('drained')(undefined));

    const jobs = ['runs', 'fails', 'runs'].map((name) => ({ name, data: {} }));
    await world.queue('mail', telemetry).addBulk(jobs);

    const spans = await endedSpans(telemetry, 'process mail', 3);
    const spanIdOf = (jobId: unknown) =>
      spans.find(({ entity }) => entity?.id === jobId)?.context.spanId ?? 'none';
    await waitFor(() => seen.some(({ event }) => event === 'drained'));
    expect(new Set(seen.map(({ event }) => event))).toEqual(
      new Set(['active', 'completed', 'failed', 'progress', 'drained']),
    );
    for (const { active, jobId } of seen) expect([undefined, spanIdOf(jobId)]).toContain(active);
    const progress = seen.filter(({ event }) => event === 'progress');
    expect(progress.map(({ active }) => active)).toEqual(progress.map(({ jobId }) => spanIdOf(jobId)));
  });

  it('has nothing active for an error or a stall', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const seen: unknown[] = [];
    const events: string[] = [];
    const worker = traced(telemetry, 'boot', () =>
      world.worker(
        'mail',
        async (job) => {
          if (job.attemptsStarted > 1) return;
          await world.redis.del(`${world.prefix}:mail:${job.id}:lock`);
          await waitFor(() => events.includes('stalled'));
        },
        telemetry,
        { stalledInterval: 20, concurrency: 2 },
      ),
    );
    for (const event of ['error', 'stalled'] as const)
      worker.on(event, () => {
        events.push(event);
        seen.push(telemetry.activeContext());
      });

    await world.queue('mail', telemetry).add('welcome', {});
    await waitFor(() => events.includes('error') && events.includes('stalled'));

    expect(new Set(seen)).toEqual(new Set([undefined]));
  });
});
