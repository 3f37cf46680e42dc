import type { TraceGraph } from '@throughline/core/trace-graph';
import { waitFor } from '@throughline/testkit';
import { DelayedError, type Job } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { openJobWorld } from './support/job-world.ts';
import { storingHere } from './support/storing-process.ts';

const busy = (): Promise<never> => Promise.reject(new Error('busy'));

/** What is stored of the job, in order; every event names the job. */
function storyOf(graph: TraceGraph, jobId: string): readonly string[] {
  return graph
    .select(({ entity }) => entity?.id === jobId)
    .flatMap(({ events }) => events)
    .map(({ event_type }) => event_type);
}

describe('what is stored of a job, found by its id', () => {
  it.each<{
    what: string;
    story: readonly string[];
    opts?: object;
    processor: (job: Job, token?: string) => unknown;
  }>([
    {
      what: 'completes',
      processor: async () => {},
      story: ['job:queued', 'job:started', 'job:completed'],
    },
    {
      what: 'fails',
      processor: busy,
      story: ['job:queued', 'job:started', 'job:failed'],
    },
    {
      what: 'is retried',
      opts: { attempts: 2 },
      processor: (job) => (job.attemptsStarted === 1 ? busy() : undefined),
      story: ['job:queued', 'job:started', 'job:retrying', 'job:started', 'job:completed'],
    },
    {
      what: 'is handed back',
      processor: async (job, token) => {
        if (job.attemptsStarted > 1) return;
        await job.moveToDelayed(Date.now() + 5, token);
        throw new DelayedError();
      },
      story: ['job:queued', 'job:started', 'job:suspended', 'job:started', 'job:completed'],
    },
  ])('that $what', async ({ processor, opts, story }) => {
    const world = openJobWorld();
    const here = storingHere();
    world.worker('mail', async (job, token) => processor(job, token), here.telemetry);

    const { id = '' } = await world.queue('mail', here.telemetry).add('welcome', {}, opts);

    const stored = await waitFor(
      async () => {
        const graph = await here.graphOf(id);
        return storyOf(graph, id).length >= story.length ? graph : undefined;
      },
      { what: 'the story to be complete' },
    );
    expect(storyOf(stored, id)).toEqual(story);
    expect(stored.attempts(id)?.entity).toEqual({
      system: 'bullmq',
      queue: `${world.prefix}:mail`,
      name: 'welcome',
      id,
    });
  });

  it('that stalls', async () => {
    const world = openJobWorld();
    const here = storingHere();
    const { promise, resolve } = deferred();
    const processor = async (job: Job) => {
      if (job.attemptsStarted > 1) return resolve();
      await world.redis.del(`${world.prefix}:mail:${job.id}:lock`);
      await promise;
    };
    const eager = { stalledInterval: 20, concurrency: 2 };
    world.worker('mail', processor, here.telemetry, eager);

    const { id = '' } = await world.queue('mail', here.telemetry).add('welcome', {});

    // The report of the worker that found it, and the end of the start that lost it.
    const graph = await waitFor(
      async () => {
        const stored = await here.graphOf(id);
        return stored.findByType('job:stalled').length === 2 ? stored : undefined;
      },
      { what: 'the stall and the loss' },
    );
    expect([...storyOf(graph, id)].sort()).toEqual([
      'job:completed',
      'job:queued',
      'job:stalled',
      'job:stalled',
      'job:started',
      'job:started',
    ]);
    expect(graph.attempts(id)?.attempts.map(({ state }) => state)).toEqual(['interrupted', 'completed']);
    expect(graph.explainFailure().outcome).toBe('success');
  });
});

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
