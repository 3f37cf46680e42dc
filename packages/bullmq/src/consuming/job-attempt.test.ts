import { createRecordingTelemetry, type RecordingTelemetry } from '@throughline/core/testing';
import { describe, expect, it } from 'vitest';
import type { ObservedJob } from '../job/observed-job.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import { type JobAttempt, startAttempt } from './job-attempt.ts';

const queue = new TracedQueue('mail', 'bull:mail');
const job: ObservedJob = {
  id: '1',
  name: 'welcome',
  opts: {},
  queueName: 'mail',
  queueQualifiedName: 'bull:mail',
  attemptsStarted: 1,
  attemptsMade: 0,
  timestamp: 0,
};

function started(): { readonly telemetry: RecordingTelemetry; readonly attempt: JobAttempt } {
  const telemetry = createRecordingTelemetry();
  return { telemetry, attempt: startAttempt(telemetry, queue, { ...job }, undefined) };
}

const lockLost = (telemetry: RecordingTelemetry): unknown =>
  telemetry.spans[0]?.attributes['throughline.lock_lost'];
const countOfLost = (telemetry: RecordingTelemetry): number =>
  telemetry.measurements.filter(({ name }) => name === 'throughline.lock_lost').length;

describe('a start whose lock could not be renewed', () => {
  it('has lost no lock when BullMQ took its result: the renewal crossed the end', () => {
    const { telemetry, attempt } = started();

    attempt.lockLost();
    attempt.completed();

    expect(lockLost(telemetry)).toBe(false);
    expect(countOfLost(telemetry)).toBe(0);
  });

  it('has lost it, and is counted, when BullMQ refused the result', () => {
    const { telemetry, attempt } = started();

    attempt.lockLost();
    attempt.refused(Object.assign(new Error('Missing lock for job 1.'), { code: -2 }));

    expect(telemetry.spans[0]?.outcome).toBe('lost');
    expect(lockLost(telemetry)).toBe(true);
    expect(countOfLost(telemetry)).toBe(1);
  });
});

describe('a refusal', () => {
  it('that is a broken connection ends nothing', () => {
    const { telemetry, attempt } = started();

    attempt.refused(new Error('Connection is closed.'));

    expect(telemetry.spans[0]?.endTime).toBeUndefined();
    attempt.close('lost');
  });

  it('keeps the error that the processor threw before', () => {
    const { telemetry, attempt } = started();
    const failure = new Error('no funds');

    attempt.threwBeforeMove(failure);
    attempt.refused(Object.assign(new Error('Missing lock for job 1.'), { code: -2 }));

    expect(telemetry.spans[0]).toMatchObject({ outcome: 'lost', error: failure });
  });
});

describe('a rate limit', () => {
  it('is settled when BullMQ has put the job back', () => {
    const { telemetry, attempt } = started();

    attempt.threwBeforeMove(new Error('bullmq:rateLimitExceeded'));
    expect(telemetry.spans[0]?.endTime).toBeUndefined();
    attempt.close('lost');

    expect(telemetry.spans[0]?.outcome).toBe('rate_limited');
  });
});
