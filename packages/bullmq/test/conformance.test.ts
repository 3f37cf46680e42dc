import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  type JobAdapterUnderTest,
  type JobProcessor,
  type JobSettlement,
  testJobAdapter,
} from '@throughline/conformance';
import { waitFor } from '@throughline/testkit';
import type { Queue as HostQueue, Worker as HostWorker, Processor } from 'bullmq';
import { beforeEach, describe, test, vi } from 'vitest';
import { openJobWorld } from './support/job-world.ts';
import { dropIns, layers, type Surface } from './support/surfaces.ts';

function openedOn({ queue: openQueue, worker: openWorker }: Surface): JobAdapterUnderTest {
  const world = openJobWorld();
  const name = `mail-${randomUUID()}`;
  const queue = openQueue(world, name);
  const bare = world.hostQueue(name);
  const workers: HostWorker[] = [];
  return {
    async send({ name: jobName, data, attempts }) {
      return (await queue.add(jobName, data, { attempts })).id ?? '';
    },
    async sendBare({ name: jobName, data, attempts }, metadata) {
      const telemetry = metadata === undefined ? {} : { telemetry: { metadata } };
      return (await bare.add(jobName, data, { attempts, ...telemetry })).id ?? '';
    },
    sendRefused: () => queue.add('welcome', {}, { jobId: '0' }),
    process(processor: JobProcessor) {
      const work: Processor = ({ id = '', data }) => processor({ id, data });
      workers.push(openWorker(world, name, work));
    },
    settled: (id) => settled(bare, id),
    async close() {
      await Promise.all([...workers, queue, bare].map((each) => each.close()));
    },
  };
}

async function settled(queue: HostQueue, id: string): Promise<JobSettlement> {
  const isOver = async () => ['completed', 'failed'].includes(await queue.getJobState(id));
  await waitFor(isOver, { what: `the end of job ${id}` });
  const job = await queue.getJob(id);
  return job?.failedReason === undefined || (await job.isCompleted())
    ? { result: job?.returnvalue }
    : { error: job.failedReason };
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue();
});

describe.each([
  { name: 'the drop-in classes', surface: dropIns },
  { name: "BullMQ's classes with all layers", surface: layers },
])('$name', ({ surface }) => {
  testJobAdapter({
    test,
    open: (telemetry) => openedOn(surface(telemetry)),
    ambient: () => new AsyncLocalStorage(),
    deadlineMs: 25_000,
  });
});
