import { describe, expect, it } from 'vitest';
import type { ObservedJob } from '../job/observed-job.ts';
import { lossOf, neverRanReason } from './failure-reason.ts';

const job = (deferredFailure?: string): ObservedJob => ({
  name: 'welcome',
  opts: {},
  queueName: 'mail',
  queueQualifiedName: 'bull:mail',
  attemptsStarted: 1,
  attemptsMade: 0,
  timestamp: 0,
  deferredFailure,
});

describe('neverRanReason', () => {
  it.each([
    ['job stalled more than allowable limit', 'max_stalled'],
    ['child bull:invoices:7 failed', 'child_failed'],
    ['something that a later version decides', 'never_ran'],
  ])('reads what BullMQ had decided before: %s', (message, reason) => {
    expect(neverRanReason(job(message), new Error(message))).toBe(reason);
  });

  it('reads that the worker allows no further start', () => {
    expect(neverRanReason(job(), new Error('job started more than allowable limit'))).toBe('max_started');
  });

  it.each([new Error('child bull:invoices:7 failed'), 'no error', undefined, null, 7])(
    'says nothing of %s, which BullMQ had not decided',
    (error) => {
      expect(neverRanReason(job(), error)).toBeUndefined();
      expect(neverRanReason(undefined, error)).toBeUndefined();
    },
  );
});

describe('lossOf', () => {
  it.each([
    [-1, 'removed'],
    [-2, 'lock_lost'],
    [-3, 'not_active'],
    [-6, 'lock_lost'],
    [-4, undefined],
    ['ECONNRESET', undefined],
  ])('reads code %s of an error of BullMQ', (code, loss) => {
    expect(lossOf(Object.assign(new Error('refused'), { code }))).toBe(loss);
  });

  it.each([
    ['Missing key for job 1. moveToFinished', 'removed'],
    ['Missing lock for job 1. moveToFinished', 'lock_lost'],
    ['Lock mismatch for job 1. Cmd moveToFinished from active', 'lock_lost'],
    ['Job 1 is not in the active state. moveToFinished', 'not_active'],
    ['Missing key for parent job 1. addJob', undefined],
    ['Connection is closed.', undefined],
  ])('reads the message "%s" where there is nothing else', (message, loss) => {
    expect(lossOf(message)).toBe(loss);
  });

  it('says nothing of what throws when it is looked at', () => {
    const hostile = new Proxy(new Error(), {
      get() {
        throw new Error('not today');
      },
    });

    expect(lossOf(hostile)).toBeUndefined();
  });
});
