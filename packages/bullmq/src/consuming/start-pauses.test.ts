import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObservedJob } from '../job/observed-job.ts';
import { markedAsParent } from '../producing/flow-parent-mark.ts';
import {
  backoffSeconds,
  chosenBackoffSeconds,
  queueWaitSeconds,
  scheduledDelaySeconds,
} from './start-pauses.ts';

/** The second start, after one failure. */
function retry(fields: Partial<ObservedJob>): ObservedJob {
  return job({ attemptsStarted: 2, attemptsMade: 1, failedReason: 'busy', ...fields });
}

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

  it('is unknown for a job that failed before its starts were counted anew', () => {
    expect(queueWaitSeconds(job({ attemptsMade: 1 }))).toBeUndefined();
    expect(queueWaitSeconds(job({ stacktrace: ['Error: busy'] }))).toBeUndefined();
  });

  it('is unknown for the parent of a flow', () => {
    const opts = markedAsParent({ telemetry: { metadata: '{"traceparent":"00-a-b-01"}' } });
    expect(JSON.parse(opts?.telemetry?.metadata ?? '')).toMatchObject({ traceparent: '00-a-b-01' });
    expect(queueWaitSeconds(job({ opts: opts ?? {} }))).toBeUndefined();
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

describe('scheduledDelaySeconds', () => {
  it('is the delay the job was added with', () => {
    expect(scheduledDelaySeconds(job({ opts: { delay: 2_000 } }))).toBe(2);
  });

  it('is what passed of it when the job was promoted', () => {
    expect(scheduledDelaySeconds(job({ opts: { delay: 60_000 } }))).toBe(2.5);
  });

  it('adds up with the queue wait to the time before the first start', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (elapsed, delay) => {
        const started = job({ timestamp: 0, processedOn: elapsed, opts: { delay } });
        const pauses = (scheduledDelaySeconds(started) ?? 0) + (queueWaitSeconds(started) ?? 0);
        expect(pauses).toBeCloseTo(elapsed / 1_000, 6);
      }),
    );
  });

  it.each([{}, { delay: 0 }, { delay: -5 }, { delay: 'soon' as never }])('is not there for %o', (opts) => {
    expect(scheduledDelaySeconds(job({ opts }))).toBeUndefined();
  });

  it('is not there for a later start', () => {
    expect(scheduledDelaySeconds(job({ attemptsStarted: 2, opts: { delay: 2_000 } }))).toBeUndefined();
  });
});

describe('backoffSeconds', () => {
  const opts = { attempts: 5, backoff: { type: 'exponential', delay: 300 } };

  it.each([
    { backoff: 300, failures: 1, expected: 0.3 },
    { backoff: { type: 'fixed', delay: 300 }, failures: 3, expected: 0.3 },
    { backoff: { type: 'exponential', delay: 300 }, failures: 1, expected: 0.3 },
    { backoff: { type: 'exponential', delay: 300 }, failures: 3, expected: 1.2 },
  ])('is $expected for $backoff after $failures failures', ({ backoff, failures, expected }) => {
    const started = retry({
      attemptsMade: failures,
      attemptsStarted: failures + 1,
      opts: { attempts: 5, backoff },
    });
    expect(backoffSeconds(started)).toBe(expected);
  });

  it.each([
    {
      reason: 'chance has its part in it',
      fields: { opts: { ...opts, backoff: { ...opts.backoff, jitter: 0.5 } } },
    },
    {
      reason: 'the application chose it',
      fields: { opts: { ...opts, backoff: { type: 'mine', delay: 300 } } },
    },
    { reason: 'there is none', fields: { opts: { attempts: 5 } } },
    { reason: 'it has no length', fields: { opts: { ...opts, backoff: { type: 'exponential' } } } },
    { reason: 'it is the first start', fields: { opts, attemptsStarted: 1, attemptsMade: 0 } },
    { reason: 'an earlier start did not fail', fields: { opts, attemptsStarted: 3 } },
    { reason: 'somebody retried the job', fields: { opts, failedReason: undefined } },
    { reason: 'no attempt was left', fields: { opts: { ...opts, attempts: 1 } } },
  ])('is not there when $reason', ({ fields }) => {
    expect(backoffSeconds(retry(fields))).toBeUndefined();
  });
});

describe('chosenBackoffSeconds', () => {
  it('is the delay that BullMQ wrote into the job it keeps, by whatever strategy', () => {
    const opts = { attempts: 5, backoff: { type: 'mine', jitter: 1 } };
    expect(chosenBackoffSeconds(retry({ opts, delay: 1_250 }))).toBe(1.25);
  });

  it.each([0, undefined, -1, Number.NaN, Number.POSITIVE_INFINITY])('is not there for %s', (delay) => {
    expect(chosenBackoffSeconds(retry({ delay }))).toBeUndefined();
  });
});
