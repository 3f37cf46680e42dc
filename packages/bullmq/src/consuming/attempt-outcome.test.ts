import { DelayedError, RateLimitError, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { controlFlowOutcome, isUnrecoverable } from './attempt-outcome.ts';

class TryTomorrowError extends DelayedError {}
class NoSuchUserError extends UnrecoverableError {}

const hostile = {
  get name(): never {
    throw new Error('not today');
  },
};

describe('controlFlowOutcome', () => {
  it.each([
    { thrown: new DelayedError(), outcome: 'delayed' },
    { thrown: new RateLimitError(), outcome: 'rate_limited' },
    { thrown: new WaitingChildrenError(), outcome: 'waiting' },
    { thrown: new WaitingError(), outcome: 'released' },
    { thrown: new Error('bullmq:rateLimitExceeded'), outcome: 'rate_limited' },
    { thrown: { name: 'DelayedError' }, outcome: 'delayed' },
    { thrown: new TryTomorrowError(), outcome: 'delayed' },
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

  it('takes what throws when it is looked at for a failure', () => {
    expect(controlFlowOutcome(hostile)).toBeUndefined();
  });
});

describe('isUnrecoverable', () => {
  it.each([new UnrecoverableError('no'), new NoSuchUserError('no'), { name: 'UnrecoverableError' }])(
    'recognises %s as BullMQ does',
    (thrown) => {
      expect(isUnrecoverable(thrown)).toBe(true);
    },
  );

  it.each([new Error('busy'), 'UnrecoverableError', null, undefined])(
    'takes %s for a failure that is retried',
    (thrown) => {
      expect(isUnrecoverable(thrown)).toBe(false);
    },
  );

  it('takes what throws when it is looked at for a failure that is retried', () => {
    expect(isUnrecoverable(hostile)).toBe(false);
  });
});
