import { DelayedError, RateLimitError, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { controlFlowOutcome } from './attempt-outcome.ts';

describe('controlFlowOutcome', () => {
  it.each([
    { thrown: new DelayedError(), outcome: 'delayed' },
    { thrown: new RateLimitError(), outcome: 'rate_limited' },
    { thrown: new WaitingChildrenError(), outcome: 'waiting' },
    { thrown: new WaitingError(), outcome: 'released' },
    { thrown: new Error('bullmq:rateLimitExceeded'), outcome: 'rate_limited' },
    { thrown: { name: 'DelayedError' }, outcome: 'delayed' },
  ])('reads $thrown as BullMQ does', ({ thrown, outcome }) => {
    expect(controlFlowOutcome(thrown)).toBe(outcome);
  });

  it.each([
    new Error('busy'),
    new UnrecoverableError('no'),
    { name: 'constructor' },
    'DelayedError',
    null,
    undefined,
  ])('takes %s for a failure', (thrown) => {
    expect(controlFlowOutcome(thrown)).toBeUndefined();
  });
});
