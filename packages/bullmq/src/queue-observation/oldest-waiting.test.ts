import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OldestWaiting } from './oldest-waiting.ts';
import type { WaitingJob } from './waiting-job.ts';

function job(fields: Partial<WaitingJob>): WaitingJob {
  return { id: '1', addedAt: 1_000, delayMs: 0, starts: 0, isParent: false, ...fields };
}

function age(now: number, ...jobs: readonly WaitingJob[]): number {
  return new OldestWaiting().ageSeconds({ now, delayedDueAt: undefined, jobs });
}

describe('OldestWaiting', () => {
  it('is 0 when nothing waits', () => {
    expect(age(9_000)).toBe(0);
  });

  it('is the time since the oldest job was added', () => {
    expect(age(9_000, job({ addedAt: 8_000 }), job({ id: '2', addedAt: 5_000 }))).toBe(4);
  });

  it('does not count the delay of a job', () => {
    expect(age(9_000, job({ delayMs: 7_000 }))).toBe(1);
  });

  it('counts a delayed job that is due and that no worker has looked at', () => {
    expect(new OldestWaiting().ageSeconds({ now: 9_000, delayedDueAt: 3_000, jobs: [] })).toBe(6);
  });

  it('does not count a delayed job that is not due', () => {
    expect(new OldestWaiting().ageSeconds({ now: 9_000, delayedDueAt: 12_000, jobs: [] })).toBe(0);
  });

  it.each([
    ['was started before', { starts: 1 }],
    ['waited for its children', { isParent: true }],
    ['was promoted before its delay was over', { delayMs: 60_000 }],
  ])('counts a job that %s from the first poll that found it', (_, fields) => {
    const oldest = new OldestWaiting();
    const at = (now: number) =>
      oldest.ageSeconds({ now, delayedDueAt: undefined, jobs: [job({ ...fields })] });

    expect([at(9_000), at(10_000), at(12_500)]).toEqual([0, 1, 3.5]);
  });

  it('begins again when a job was started in between', () => {
    const oldest = new OldestWaiting();
    oldest.ageSeconds({ now: 9_000, delayedDueAt: undefined, jobs: [job({ starts: 1 })] });

    expect(oldest.ageSeconds({ now: 12_000, delayedDueAt: undefined, jobs: [job({ starts: 2 })] })).toBe(0);
  });

  it('forgets jobs that do not wait any more', () => {
    const oldest = new OldestWaiting();
    oldest.ageSeconds({ now: 9_000, delayedDueAt: undefined, jobs: [job({ starts: 1 })] });
    oldest.ageSeconds({ now: 10_000, delayedDueAt: undefined, jobs: [] });

    expect(oldest.ageSeconds({ now: 12_000, delayedDueAt: undefined, jobs: [job({ starts: 1 })] })).toBe(0);
  });

  it('is never negative, whatever the clocks say', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.double(), (now, addedAt, delayMs) => {
        fc.pre(Number.isFinite(now));
        expect(age(now, job({ addedAt, delayMs }))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
