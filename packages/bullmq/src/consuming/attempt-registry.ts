import { BoundedMap } from '../job/bounded-map.ts';
import type { ObservedJob } from '../job/observed-job.ts';
import type { EndedStart } from './ended-start.ts';
import type { RunningStart } from './running-start.ts';

/** What the layers of this package, and two copies of it in one process, know of running jobs. */
interface AttemptRegistry {
  /**
   * The start a job object stands for, until it is settled. BullMQ makes one object per start, so a retry never finds
   * the attempt before it, and nothing is written to the job. Not a `WeakMap`: that costs a job eight times as much.
   */
  readonly attempts: Map<object, RunningStart>;
  /** Workers that trace themselves: the drop-in classes. */
  readonly selfTraced: WeakSet<object>;
  /**
   * Jobs that a worker has told of and BullMQ's telemetry object has not yet met, by worker id and job id. It never
   * meets jobs that are fetched by hand (`worker.getNextJob`): they are not kept alive, and their names are bounded.
   */
  readonly announced: BoundedMap<string, WeakRef<ObservedJob>>;
  /** The same jobs by their carriers; jobs of one bulk or one schedule may share one. */
  readonly announcedCarriers: BoundedMap<unknown, WeakRef<ObservedJob>>;
  /** How starts ended that another one may follow, by job; the oldest are forgotten. */
  readonly ended: BoundedMap<string, EndedStart>;
  /** Jobs that an application fetched by hand and has not moved on. */
  readonly fetched: BoundedMap<object, RunningStart>;
  /** The attempt whose processor BullMQ calls next, in the same synchronous stack. */
  handedOver: { readonly jobId: string; readonly attempt: RunningStart } | undefined;
}

const mostAnnounced = 1_000;
const mostEnded = 10_000;
const mostFetched = 10_000;
const key: unique symbol = Symbol.for('throughline.bullmq.attempts.v1') as never;
const shared = globalThis as { [key]?: AttemptRegistry };
shared[key] ??= {
  attempts: new Map(),
  selfTraced: new WeakSet(),
  announced: new BoundedMap(mostAnnounced),
  announcedCarriers: new BoundedMap(mostAnnounced),
  ended: new BoundedMap(mostEnded),
  fetched: new BoundedMap(mostFetched),
  handedOver: undefined,
};
const registry: AttemptRegistry = shared[key];

export const attempts: Map<object, RunningStart> = registry.attempts;
export const selfTraced: WeakSet<object> = registry.selfTraced;
export const endedStarts: BoundedMap<string, EndedStart> = registry.ended;
export const fetchedJobs: BoundedMap<object, RunningStart> = registry.fetched;

/** A worker is about to process `job`. */
export function announceJob(workerId: string, job: ObservedJob): void {
  const ref = new WeakRef(job);
  registry.announced.set(`${workerId} ${job.id}`, ref);
  const carrier = job.opts?.telemetry?.metadata;
  if (carrier) registry.announcedCarriers.set(carrier, ref);
}

/** A job that a worker of this process has told of, by what it carries. */
export function announcedWith(carrier: unknown): ObservedJob | undefined {
  return registry.announcedCarriers.get(carrier)?.deref();
}

/** The announced job of that id; it is forgotten with this call. */
export function takeAnnouncedJob(workerId: unknown, jobId: string): ObservedJob | undefined {
  return registry.announced.take(`${workerId} ${jobId}`)?.deref();
}

/** BullMQ calls the processor of that job next, in this synchronous stack. */
export function handOver(jobId: string, attempt: RunningStart): void {
  registry.handedOver = { jobId, attempt };
}

/** The attempt that was handed over for that job. */
export function takeOver(job: ObservedJob): RunningStart | undefined {
  const handedOver = registry.handedOver;
  return handedOver !== undefined && handedOver.jobId === job.id ? handedOver.attempt : undefined;
}

/** The synchronous stack ends. */
export function forgetHandOver(): void {
  registry.handedOver = undefined;
}
