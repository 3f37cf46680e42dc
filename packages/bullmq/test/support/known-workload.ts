import type { SpanOutcome, Telemetry } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import {
  DelayedError,
  type Queue as HostQueue,
  type Worker as HostWorker,
  type Job,
  type JobsOptions,
  RateLimitError,
  UnrecoverableError,
  WaitingChildrenError,
} from 'bullmq';
import { bullmqTelemetry, observeWorker, wrapProcessor } from '../../src/index.ts';
import type { JobWorld } from './job-world.ts';

/** How telemetry is attached: by the drop-in classes, or by the layers on BullMQ's own. */
export type WayIn = 'classes' | 'layers';

/** Jobs of one kind, and what is known of them before they run. */
interface KnownJobs {
  readonly name: string;
  /** How often `add` is called. */
  readonly adds: number;
  /** How many jobs that makes. */
  readonly jobs: number;
  /** The outcomes of the starts of each job. */
  readonly starts: readonly SpanOutcome[];
  readonly opts?: JobsOptions;
}

/** In every way that a start can end, a number of times that no other has. */
const workload: readonly KnownJobs[] = [
  { name: 'plain', adds: 5, jobs: 5, starts: ['ok'] },
  { name: 'flaky', adds: 2, jobs: 2, starts: ['retry', 'ok'], opts: { attempts: 2 } },
  {
    name: 'backing-off',
    adds: 2,
    jobs: 2,
    starts: ['retry', 'retry', 'ok'],
    opts: { attempts: 3, backoff: 20 },
  },
  { name: 'broken', adds: 3, jobs: 3, starts: ['error'] },
  { name: 'unrecoverable', adds: 1, jobs: 1, starts: ['error'], opts: { attempts: 5 } },
  { name: 'exhausted', adds: 1, jobs: 1, starts: ['retry', 'error'], opts: { attempts: 2 } },
  { name: 'postponed', adds: 4, jobs: 4, starts: ['delayed', 'ok'] },
  { name: 'scheduled', adds: 3, jobs: 3, starts: ['ok'], opts: { delay: 30 } },
  { name: 'limited', adds: 1, jobs: 1, starts: ['rate_limited', 'ok'] },
  { name: 'parent', adds: 2, jobs: 2, starts: ['waiting', 'ok'] },
  { name: 'losing', adds: 1, jobs: 1, starts: ['lost', 'ok'] },
  { name: 'crashing', adds: 1, jobs: 1, starts: ['lost', 'lost', 'error'] },
  { name: 'deduplicated', adds: 3, jobs: 1, starts: ['ok'], opts: { deduplication: { id: 'one' } } },
  { name: 'duplicate', adds: 2, jobs: 1, starts: ['ok'], opts: { jobId: 'same' } },
];

type Counts = Partial<Record<SpanOutcome, number>>;

interface KnownNumbers {
  readonly starts: Counts;
  readonly sent: Counts;
  /** Queue `parts`: the children. */
  readonly children: Counts;
  readonly stalled: number;
  readonly lockLost: number;
  readonly waits: number;
  readonly delays: number;
  readonly backoffs: number;
}

/** What the counters and histograms of queue `work` have to say when the workload is over. */
export const known: KnownNumbers = {
  starts: startsByOutcome(),
  sent: { ok: sum(({ adds }) => adds), error: 1 },
  children: { ok: 2 },
  stalled: sum(({ jobs, starts }) => jobs * starts.filter((outcome) => outcome === 'lost').length),
  lockLost: startsByOutcome().lost ?? 0,
  waits: sum(({ jobs }) => jobs),
  delays: sum(({ jobs, opts }) => (opts?.delay ? jobs : 0)),
  backoffs: sum(({ jobs, starts, opts }) => (opts?.backoff ? jobs * (starts.length - 1) : 0)),
};

function sum(of: (row: KnownJobs) => number): number {
  return workload.reduce((total, row) => total + of(row), 0);
}

function startsByOutcome(): Counts {
  const counts: Counts = {};
  for (const { jobs, starts } of workload)
    for (const outcome of starts) counts[outcome] = (counts[outcome] ?? 0) + jobs;
  return counts;
}

/** What the test holds while the workload is prepared and run. */
interface Stage {
  readonly world: JobWorld;
  readonly telemetry: Telemetry;
  readonly way: WayIn;
}

/** Adds all jobs, works on them until each is completed or has failed, and closes the workers. */
export async function runKnownWorkload(stage: Stage): Promise<HostQueue> {
  const work = queueOf(stage, 'work');
  const parts = queueOf(stage, 'parts');
  for (const { name, adds, opts } of workload)
    for (let count = 0; count < adds; count += 1) await work.add(name, {}, opts);
  await work.add('refused', {}, { priority: 99_000_000 }).catch(() => {});

  const worker = workerOf(stage, 'work', (job, token) => behave(job, { token, worker, parts, stage }));
  const children = workerOf(stage, 'parts', (part) => untilParentWaits(part, work));
  const jobs = sum((row) => row.jobs);
  await waitFor(async () => (await work.getJobCountByTypes('completed', 'failed')) === jobs, {
    timeoutMs: 20_000,
    what: 'the end of the workload',
  });
  await Promise.all([worker.close(), children.close()]);
  return work;
}

/** A part that is done before its parent comes to wait for it would spare it the wait. */
async function untilParentWaits(part: Job, work: HostQueue): Promise<void> {
  await waitFor(async () => (await work.getJobState(String(part.parent?.id))) === 'waiting-children');
}

interface Scene {
  readonly token: string | undefined;
  readonly worker: HostWorker;
  readonly parts: HostQueue;
  readonly stage: Stage;
}

async function behave(job: Job, { token, worker, parts, stage }: Scene): Promise<void> {
  const isFirst = job.attemptsStarted === 1;
  switch (job.name) {
    case 'flaky':
    case 'exhausted':
      if (isFirst || job.name === 'exhausted') throw new RangeError('busy');
      return;
    case 'backing-off':
      if (job.attemptsMade < 2) throw new RangeError('busy');
      return;
    case 'broken':
      throw new TypeError('no such address');
    case 'unrecoverable':
      throw new UnrecoverableError('no such address');
    case 'postponed':
      if (!isFirst) return;
      await job.moveToDelayed(Date.now() + 20, token);
      throw new DelayedError();
    case 'limited':
      if (!isFirst) return;
      await worker.rateLimit(30);
      throw new RateLimitError();
    case 'parent':
      if (!isFirst) return;
      await parts.add('part', {}, { parent: { id: job.id as string, queue: job.queueQualifiedName } });
      if (await job.moveToWaitingChildren(token as string)) throw new WaitingChildrenError();
      return;
    case 'losing':
    case 'crashing':
      if (isFirst || job.name === 'crashing')
        await stage.world.redis.del(`${stage.world.prefix}:work:${job.id}:lock`);
  }
}

function queueOf({ world, telemetry, way }: Stage, name: string): HostQueue {
  if (way === 'classes') return world.queue(name, telemetry);
  return world.hostQueue(name, { telemetry: bullmqTelemetry(telemetry, { prefix: world.prefix }) });
}

function workerOf(
  { world, telemetry, way }: Stage,
  name: string,
  processor: (job: Job, token?: string) => Promise<void>,
): HostWorker {
  const opts = { stalledInterval: 100 };
  if (way === 'classes') return world.worker(name, processor, telemetry, opts);
  const worker = world.hostWorker(name, wrapProcessor(processor, telemetry), {
    ...opts,
    telemetry: bullmqTelemetry(telemetry, { prefix: world.prefix }),
  });
  observeWorker(worker, telemetry);
  return worker;
}
