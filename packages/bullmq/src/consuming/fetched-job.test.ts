import { createRecordingTelemetry } from '@throughline/core/testing';
import { describe, expect, it } from 'vitest';
import type { ObservedJob } from '../job/observed-job.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import { fetchedJobs } from './attempt-registry.ts';
import { followFetchedJob } from './fetched-job.ts';
import { startAttempt } from './job-attempt.ts';

const queue = new TracedQueue('mail', 'bull:mail');

/** As BullMQ's: the methods are the prototype's. */
class Fetched {
  readonly name = 'welcome';
  readonly opts = {};
  readonly queueName = 'mail';
  readonly queueQualifiedName = 'bull:mail';
  readonly attemptsStarted = 1;
  readonly attemptsMade = 0;
  readonly timestamp = 0;
  readonly id: string;

  constructor(id: number) {
    this.id = String(id);
  }
  async moveToCompleted(): Promise<string> {
    return `completed ${this.id}`;
  }
  async moveToFailed(): Promise<void> {
    throw Object.assign(new Error('Connection is closed.'), { code: 'ECONNRESET' });
  }
  async moveToDelayed(): Promise<void> {}
  async moveToWait(): Promise<void> {}
  async moveToWaitingChildren(): Promise<boolean> {
    return false;
  }
}

function followed(id: number) {
  const telemetry = createRecordingTelemetry();
  const job = new Fetched(id);
  const attempt = startAttempt(telemetry, queue, job as ObservedJob, undefined);
  followFetchedJob(job as ObservedJob, attempt);
  return { job, attempt, span: telemetry.spans[0] };
}

describe('followFetchedJob', () => {
  it('gives the very result of a move', async () => {
    const { job, span } = followed(1);

    expect(await job.moveToCompleted()).toBe('completed 1');
    expect(span?.outcome).toBe('ok');
  });

  it('leaves the job open after a refusal that says nothing of the job', async () => {
    const { job, span } = followed(1);

    await expect(job.moveToFailed()).rejects.toThrow('Connection is closed.');

    expect(span?.endTime).toBeUndefined();
    await job.moveToCompleted();
    expect(span?.outcome).toBe('ok');
  });

  it('gives the oldest up when too many are dropped', () => {
    const first = followed(0);
    const before = fetchedJobs.size;
    for (let id = 1; id < 10_001; id += 1) followed(id);

    expect(before).toBeGreaterThan(0);
    expect(first.span?.outcome).toBe('lost');
    expect(fetchedJobs.size).toBe(10_000);
    for (const attempt of fetchedJobs.takeAll()) attempt.close('lost');
  });
});
