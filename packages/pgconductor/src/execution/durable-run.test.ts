import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogFields } from '../task/logger.ts';
import { type DurableHost, DurableRun } from './durable-run.ts';
import type { Outcome } from './outcome.ts';

const sleep = { key: 'nap', kind: 'sleep', known: false, delayMs: 1 } as const;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function started(): { run: DurableRun; host: DurableHost; ends: Outcome[]; told: unknown[] } {
  const ends: Outcome[] = [];
  const told: unknown[] = [];
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (_: string, fields?: LogFields) => void told.push(fields),
  };
  const host: DurableHost = {
    id: 5,
    task: { name: 'job' },
    logger,
    get outcome() {
      return ends[0];
    },
    isAborted: false,
    signal: new AbortController().signal,
    end: (outcome) => void ends.push(outcome),
  };
  return { run: new DurableRun(host, undefined), host, ends, told };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a run that waits while a step goes on', () => {
  it('is told of by name when that lasts, once: it may wait inside the step, and never end', async () => {
    const { run, ends, told } = started();
    void run.work(() => run.doStep('print', () => pause(1).then(() => run.wait(sleep))));
    await vi.advanceTimersByTimeAsync(9_000);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([{ task: 'job', executionId: '5', steps: ['print'], waits: ['nap'] }]);
    expect(ends).toEqual([]);
  });

  it('is suspended when the step is done, and nothing is told', async () => {
    const { run, ends, told } = started();
    void run.work(() => run.doStep('print', () => pause(5_000)));
    void run.wait(sleep);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ends).toEqual([{ kind: 'sleeping', waits: [sleep] }]);
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not told of when it has ended otherwise', async () => {
    const { run, host, told } = started();
    void run.work(() => run.doStep('print', () => pause(60_000)));
    void run.wait(sleep);
    await vi.advanceTimersByTimeAsync(1_000);
    host.end({ kind: 'failed', error: new Error('no time'), delayMs: 0 });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(told).toEqual([]);
  });
});
