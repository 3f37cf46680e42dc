import { createRecordingTelemetry } from '@throughline/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SandboxFlush } from './sandbox-flush.ts';

/** A telemetry that counts its flushes. */
function counting(): { flush: SandboxFlush; flushes: () => number } {
  let count = 0;
  const telemetry = createRecordingTelemetry();
  const counted = Object.assign(telemetry, {
    async flush() {
      count += 1;
      return { complete: true };
    },
  });
  return { flush: new SandboxFlush(counted), flushes: () => count };
}

describe('SandboxFlush', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('flushes after a job, not while it ends', () => {
    const { flush, flushes } = counting();

    flush.jobBegins()();

    expect(flushes()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(flushes()).toBe(1);
  });

  it('flushes once a second at the most, and after the last job', () => {
    const { flush, flushes } = counting();

    for (let job = 0; job < 250; job += 1) {
      flush.jobBegins()();
      vi.advanceTimersByTime(10);
    }

    expect(flushes()).toBe(3);
    vi.advanceTimersByTime(1_000);
    expect(flushes()).toBe(4);
  });

  it('waits for the running job before the sandbox is retired', async () => {
    const { flush, flushes } = counting();
    const jobEnds = flush.jobBegins();

    const retired = flush.beforeRetirement();
    await Promise.resolve();
    expect(flushes()).toBe(0);

    jobEnds();
    await retired;
    expect(flushes()).toBe(1);
  });
});
