import { Queue as HostQueue, Worker as HostWorker } from 'bullmq';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Queue, Worker } from '../src/index.ts';
import { openJobWorld } from './support/job-world.ts';

/** What each call of a method returned, in the order of the calls. */
function returned(prototype: object, method: string): () => readonly unknown[] {
  const spy = vi.spyOn(prototype as Record<string, () => unknown>, method);
  return () => spy.mock.results.map(({ value }) => value);
}

async function runJobs(): Promise<void> {
  const world = openJobWorld();
  const queue = world.queue('mail', undefined);
  let processed = 0;
  world.worker('mail', async () => ++processed, undefined);
  await queue.add('welcome', {});
  await queue.addBulk([{ name: 'welcome', data: {} }]);
  await expect.poll(() => processed).toBe(2);
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** Each promise more is memory and, with AsyncLocalStorage on, several calls of Node's promise hooks. */
describe('a drop-in class without telemetry', () => {
  it.each([
    ['Queue', 'addJob'],
    ['Queue', 'addBulk'],
    ['Queue', 'trace'],
    ['Worker', 'processJob'],
    ['Worker', 'callProcessJob'],
    ['Worker', 'trace'],
  ] as const)('answers with the very promises of BullMQ: %s.%s', async (type, method) => {
    const theirs = returned({ Queue: HostQueue, Worker: HostWorker }[type].prototype, method);
    const ours = returned({ Queue, Worker }[type].prototype, method);

    await runJobs();

    expect(ours().length).toBeGreaterThan(0);
    expect(ours().every((promise, call) => promise === theirs()[call])).toBe(true);
  });

  it('hands the caller’s own options on', async () => {
    const world = openJobWorld();
    const addJob = vi.spyOn(HostQueue.prototype as unknown as { addJob: () => unknown }, 'addJob');
    const opts = { attempts: 2 };

    await world.queue('mail', undefined).add('welcome', {}, opts);

    expect((addJob.mock.calls as readonly unknown[][])[0]?.[2]).toBe(opts);
  });
});
