import { traced } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import * as host from 'bullmq';
import { Job, type JobsOptions } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { currentJobTrace, runFetchedJob, type Worker } from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';

const token = 'by-hand';
const manual = { autorun: false } as const;

/** A worker without a processor, and a queue that has some jobs for it. */
async function waiting(...jobs: readonly JobsOptions[]) {
  const world = openJobWorld();
  const telemetry = ambientRecording();
  const worker = world.worker('mail', null, telemetry, manual);
  const queue = world.queue('mail', telemetry);
  for (const [i, opts] of jobs.entries()) await queue.add(`job ${i}`, {}, opts);
  return { world, telemetry, worker };
}

/** The next job of such a worker. */
async function next(worker: Worker): Promise<Job> {
  const job = await worker.getNextJob(token);
  if (!job) throw new Error('no job was waiting');
  return job;
}

describe('a job that is fetched by hand', () => {
  it('has its process span from the fetch on, under the span that sent it', async () => {
    const { telemetry, worker } = await waiting({});

    const job = await next(worker);

    const span = telemetry.find('process mail');
    expect(span?.endTime).toBeUndefined();
    expect(span?.parent?.spanId).toBe(telemetry.find('send mail')?.context.spanId);
    expect(span?.entity).toMatchObject({ id: job.id, attempt: 1 });
    expect(currentJobTrace(job)?.spanId).toBe(span?.context.spanId);
  });

  const failure = new RangeError('no such address');
  it.each<{
    move: string;
    outcome: string;
    attempts?: number;
    error?: Error;
    by(job: Job): Promise<unknown>;
  }>([
    { move: 'moveToCompleted', outcome: 'ok', by: (job) => job.moveToCompleted('done', token, false) },
    {
      move: 'moveToFailed',
      outcome: 'error',
      error: failure,
      by: (job) => job.moveToFailed(failure, token, false),
    },
    {
      move: 'moveToFailed with attempts left',
      outcome: 'retry',
      attempts: 2,
      error: failure,
      by: (job) => job.moveToFailed(failure, token, false),
    },
    {
      move: 'moveToDelayed',
      outcome: 'delayed',
      by: (job) => job.moveToDelayed(Date.now() + 60_000, token),
    },
    { move: 'moveToWait', outcome: 'released', by: (job) => job.moveToWait(token) },
  ])('ends with $move as $outcome', async ({ by, outcome, error, attempts = 1 }) => {
    const { telemetry, worker } = await waiting({ attempts });

    await by(await next(worker));

    const span = await endedSpan(telemetry, 'process mail');
    expect(span.outcome).toBe(outcome);
    expect(span.error).toBe(error);
  });

  it('ends with moveToWaitingChildren when there is a child to wait for, and goes on when there is none', async () => {
    const { world, telemetry, worker } = await waiting({});
    const job = await next(worker);

    expect(await job.moveToWaitingChildren(token)).toBe(false);
    expect(telemetry.find('process mail')?.endTime).toBeUndefined();

    const parent = { id: job.id as string, queue: job.queueQualifiedName };
    await world.hostQueue('children').add('child', {}, { parent });
    expect(await job.moveToWaitingChildren(token)).toBe(true);
    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('waiting');
  });

  it('is lost when its lock is gone, and the application gets the very error', async () => {
    const { world, telemetry, worker } = await waiting({});
    const job = await next(worker);
    await world.redis.del(`${world.prefix}:mail:${job.id}:lock`);

    await expect(job.moveToCompleted('done', token, false)).rejects.toThrow('Missing lock for job');

    const span = await endedSpan(telemetry, 'process mail');
    expect(span.outcome).toBe('lost');
    expect(span.attributes['throughline.lock_lost']).toBe(true);
  });

  it('looks and is stored as without us', async () => {
    const { worker } = await waiting({});

    const job = await next(worker);

    const ownMethods = Object.keys(job).filter((key) => key.startsWith('moveTo'));
    expect(ownMethods).toEqual([]);
    expect(JSON.stringify(job)).not.toContain('moveTo');
    await job.moveToCompleted('done', token, false);
    expect(Object.getOwnPropertyNames(job).filter((key) => key.startsWith('moveTo'))).toEqual([]);
  });

  it('is chained to its earlier start', async () => {
    const { telemetry, worker } = await waiting({ attempts: 2 });
    await (await next(worker)).moveToFailed(new Error('busy'), token, false);

    await (await next(worker)).moveToCompleted('done', token, false);

    const [first, second] = await endedSpans(telemetry, 'process mail', 2);
    expect(second?.links).toEqual([{ context: first?.context, relation: 'retry_of' }]);
  });

  it('that is moved on by another object of it ends when it is started again', async () => {
    const { world, telemetry, worker } = await waiting({});
    const { id = '' } = await next(worker);
    await (await world.hostQueue('mail').getJob(id))?.moveToWait(token);

    await next(worker);

    const [first, second] = telemetry.spans.filter(({ name }) => name === 'process mail');
    expect(first?.outcome).toBe('released');
    expect(second?.links).toEqual([{ context: first?.context, relation: 'continues' }]);
  });

  it('that is dropped ends as lost when the worker is closed', async () => {
    const { telemetry, worker } = await waiting({});
    await next(worker);

    await worker.close();

    const span = telemetry.find('process mail');
    expect(span?.outcome).toBe('lost');
    expect(span?.attributes['throughline.reason']).toBe('worker_closed');
  });

  it('costs nothing without telemetry', async () => {
    const world = openJobWorld();
    const worker = world.worker('mail', null, undefined, manual);
    await world.hostQueue('mail').add('welcome', {});

    const job = await next(worker);

    expect(Object.getOwnPropertyNames(job).filter((key) => key.startsWith('moveTo'))).toEqual([]);
    await job.moveToCompleted('done', token, false);
  });
});

describe('getNextJob', () => {
  it('makes no span when there is no job', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const worker = world.worker('mail', null, telemetry, manual);

    expect(await worker.getNextJob(token, { block: false })).toBeUndefined();

    expect(telemetry.spans).toEqual([]);
  });
});

describe('startStalledCheckTimer', () => {
  it('does not adopt what is active where it is called', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const worker = world.worker('mail', null, telemetry, {
      ...manual,
      stalledInterval: 20,
      lockDuration: 20,
    });
    const seen: unknown[] = [];
    worker.on('stalled', () => seen.push(telemetry.activeContext()));
    await world.hostQueue('mail').add('welcome', {});
    await next(worker);

    await traced(telemetry, 'request', () => worker.startStalledCheckTimer());

    await waitFor(() => seen.length > 0, { what: 'the job to stall' });
    expect(seen).toEqual([undefined]);
    expect((await endedSpan(telemetry, 'job:stalled')).parent).toBeUndefined();
  });
});

describe('runFetchedJob', () => {
  it('makes the process span active, and gives the very result', async () => {
    const { telemetry, worker } = await waiting({});
    const job = await next(worker);

    const result = await runFetchedJob(job, async () => {
      traced(telemetry, 'render', () => {});
      return 'done';
    });

    await job.moveToCompleted(result, token, false);
    const span = await endedSpan(telemetry, 'process mail');
    expect(result).toBe('done');
    expect(telemetry.find('render')?.parent?.spanId).toBe(span.context.spanId);
  });

  it('throws the very error, and leaves the end to the move', async () => {
    const { telemetry, worker } = await waiting({});
    const job = await next(worker);
    const failure = new Error('busy');

    await expect(runFetchedJob(job, () => Promise.reject(failure))).rejects.toBe(failure);

    expect(telemetry.find('process mail')?.endTime).toBeUndefined();
    await job.moveToFailed(failure, token, false);
    expect((await endedSpan(telemetry, 'process mail')).error).toBe(failure);
  });

  it('starts the span of a job that came with the move of the one before', async () => {
    const { telemetry, worker } = await waiting({}, {});
    const first = await next(worker);
    const [data, id] = (await first.moveToCompleted('done', token)) as [never, string];
    const second = Job.fromJSON(worker as never, data, id);

    runFetchedJob(second, () => {});

    await second.moveToCompleted('done', token, false);
    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map(({ entity }) => entity?.name)).toEqual(['job 0', 'job 1']);
    expect(spans.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  });

  it('leaves such a job to the close of its worker when nobody moves it', async () => {
    const { telemetry, worker } = await waiting({}, {});
    const first = await next(worker);
    const [data, id] = (await first.moveToCompleted('done', token)) as [never, string];
    runFetchedJob(Job.fromJSON(worker as never, data, id), () => {});

    await worker.close();

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map(({ outcome }) => outcome)).toEqual(['ok', 'lost']);
  });

  it('starts no second span for a job that was moved', async () => {
    const { telemetry, worker } = await waiting({});
    const job = await next(worker);
    await job.moveToCompleted('done', token, false);

    runFetchedJob(job, () => traced(telemetry, 'tidy up', () => {}));

    const span = await endedSpan(telemetry, 'process mail');
    expect(telemetry.find('tidy up')?.parent?.spanId).toBe(span.context.spanId);
    expect(telemetry.spans.filter(({ name }) => name === 'process mail')).toHaveLength(1);
  });

  it('traces jobs of BullMQ’s own Worker with the telemetry it is given', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const { connection, prefix } = world;
    const worker = new host.Worker('mail', null, { connection, prefix, autorun: false });
    await world.queue('mail', telemetry).add('welcome', {});
    const job = await worker.getNextJob(token);

    if (job) runFetchedJob(job, () => {}, telemetry);
    await job?.moveToCompleted('done', token, false);

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('ok');
    await worker.close();
  });

  it('only runs the function when nobody gave a telemetry', async () => {
    const world = openJobWorld();
    const worker = world.worker('mail', null, undefined, manual);
    await world.hostQueue('mail').add('welcome', {});
    const job = await next(worker);

    expect(runFetchedJob(job, () => 'done')).toBe('done');

    await job.moveToCompleted('done', token, false);
  });
});
