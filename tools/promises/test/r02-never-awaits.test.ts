/**
 * R2: the hot path never awaits a store.
 *
 * Every append of the store stays pending and the clock of the writer stands still, so that nothing can time out: whatever
 * waited for the store would wait for ever. What it costs is measured in `bench/`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Queue, Worker } from '@throughline/bullmq';
import { createEventTelemetry, recordEvent, type Telemetry, traced } from '@throughline/core';
import { EventWriter } from '@throughline/core/events';
import { HostileStore, VirtualClock } from '@throughline/testkit';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openQueuePlace } from './support/queue-place.ts';

interface Pending {
  readonly telemetry: Telemetry;
  readonly writer: EventWriter;
  readonly store: HostileStore;
  readonly clock: VirtualClock;
}

function pendingStore(): Pending {
  const store = new HostileStore({ faults: ['hangs'] });
  const clock = new VirtualClock();
  const writer = new EventWriter(store, { clock, batchEvents: 5 });
  return {
    telemetry: createEventTelemetry({ writer, ambient: new AsyncLocalStorage() }),
    writer,
    store,
    clock,
  };
}

function expectNothingStored({ writer, store }: Pending): void {
  expect(store.appends).toBe(1);
  const { accepted, buffered } = writer.stats();
  expect(buffered).toBe(accepted);
  expect(accepted).toBeGreaterThan(0);
}

/** The store is well again, and time goes on. */
async function recover({ writer, store, clock }: Pending): Promise<void> {
  store.faults = [];
  await clock.advance(60_000);
  const { accepted, stored } = writer.stats();
  expect(stored).toBe(accepted);
}

describe('while every append of the store is pending', () => {
  it('traced work gets its results', async () => {
    const pending = pendingStore();
    const results = [];
    for (let n = 0; n < 1000; n++) {
      recordEvent(pending.telemetry, 'work:planned');
      results.push(await traced(pending.telemetry, 'work', async () => n));
    }
    expect(results).toHaveLength(1000);
    expectNothingStored(pending);
    await recover(pending);
  });

  it('jobs are added, run and settled', async () => {
    const pending = pendingStore();
    const place = openQueuePlace(inject('redisUrl'));
    const options = { ...place.options, telemetry: pending.telemetry };
    const queue = place.open(new Queue('work', options));
    const settled: string[] = [];
    await queue.addBulk(Array.from({ length: 100 }, (_, n) => ({ name: 'work', data: n })));
    const worker = place.open(
      new Worker(
        'work',
        async ({ data }) => {
          if (data % 2 === 1) throw new Error('odd');
        },
        { ...options, concurrency: 10 },
      ),
    );
    const allSettled = new Promise<void>((resolve) => {
      const settle = (how: string): void => {
        if (settled.push(how) === 100) resolve();
      };
      worker.on('completed', () => settle('completed')).on('failed', () => settle('failed'));
    });
    onTestFinished(() => place.leave());

    await allSettled;

    expect(settled.toSorted()).toEqual([...Array(50).fill('completed'), ...Array(50).fill('failed')]);
    expectNothingStored(pending);
    await recover(pending);
  });
});
