import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObservedJob } from './observed-job.ts';
import { queueWaitSeconds } from './queue-wait.ts';

function job(fields: Partial<ObservedJob>): ObservedJob {
  return {
    id: '1',
    name: 'welcome',
    opts: {},
    queueName: 'mail',
    queueQualifiedName: 'bull:mail',
    attemptsStarted: 1,
    attemptsMade: 0,
    timestamp: 1_000,
    processedOn: 3_500,
    ...fields,
  };
}

describe('queueWaitSeconds', () => {
  it('is the time from adding to the first start', () => {
    expect(queueWaitSeconds(job({}))).toBe(2.5);
  });

  it('leaves a scheduled delay out', () => {
    expect(queueWaitSeconds(job({ opts: { delay: 2_000 } }))).toBe(0.5);
  });

  it('is unknown for every later start', () => {
    expect(queueWaitSeconds(job({ attemptsStarted: 2 }))).toBeUndefined();
  });

  it('is unknown before the job was started', () => {
    expect(queueWaitSeconds(job({ processedOn: undefined }))).toBeUndefined();
  });

  it('is zero for a job that was promoted before its delay was over', () => {
    expect(queueWaitSeconds(job({ opts: { delay: 60_000 } }))).toBe(0);
  });

  it('is never negative, whatever the clocks say', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (timestamp, processedOn, delay) => {
        expect(queueWaitSeconds(job({ timestamp, processedOn, opts: { delay } }))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
