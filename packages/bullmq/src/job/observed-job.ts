import type { WorkEntity } from '@throughline/core';

/** What the adapter reads of a BullMQ job. It never reads data, result or progress, and never writes. */
export interface ObservedJob {
  readonly id?: string | undefined;
  readonly name: string;
  readonly opts: ObservedJobOptions;
  readonly queueName: string;
  readonly queueQualifiedName: string;
  /** How often the job was started, this start included. Unlike `attemptsMade` it grows with every start. */
  readonly attemptsStarted: number;
  readonly attemptsMade: number;
  /** Ms: after a failed start, the backoff that was chosen; 0 once the job is started again. */
  readonly delay?: number | undefined;
  /** When the job was added, ms since the epoch. */
  readonly timestamp: number;
  /** When this start began, ms since the epoch. */
  readonly processedOn?: number | undefined;
  /** Set once the job is completed or finally failed; a failure that is retried leaves it empty. */
  readonly finishedOn?: number | undefined;
  /** How often it stalled: its worker went silent, and another one found it. */
  readonly stalledCounter?: number | undefined;
  /** Set when BullMQ will fail the job at its next start, without running it: it stalled too often, a child failed. */
  readonly deferredFailure?: string | undefined;
  /** Stacks of its failures, which outlive a retry by hand; only whether there are any is read. */
  readonly stacktrace?: readonly unknown[] | null | undefined;
  /** Why the last start failed; removed when somebody retries a job that had failed for good. */
  readonly failedReason?: string | undefined;
  /** Set for the ticks of a schedule: its name. */
  readonly repeatJobKey?: string | undefined;
  /** Set for a job that another one waits for: the Redis key of that one. */
  readonly parentKey?: string | undefined;
}

/** What the adapter reads of a job's options. */
export interface ObservedJobOptions {
  readonly attempts?: number | undefined;
  readonly backoff?: number | Backoff | undefined;
  readonly delay?: number | undefined;
  readonly jobId?: string | undefined;
  readonly deduplication?: Deduplication | undefined;
  /** Its name before; BullMQ 5 knows both. */
  readonly debounce?: Deduplication | undefined;
  readonly parent?: object | undefined;
  /** BullMQ 5: the job is to be added again and again. */
  readonly repeat?: object | undefined;
  readonly telemetry?: JobTelemetryOptions | undefined;
}

/** BullMQ's own job option `deduplication`: of jobs with the same `id`, one is kept. */
interface Deduplication {
  readonly id: string;
}

/** BullMQ's own job option `backoff`: how long a failed job waits for its next start. */
export interface Backoff {
  /** `fixed`, `exponential`, or the name of a strategy of the application's. */
  readonly type: string;
  /** Milliseconds. */
  readonly delay?: number | undefined;
  /** How much of the delay is left to chance, from 0 to 1. */
  readonly jitter?: number | undefined;
}

/** BullMQ's own job option `telemetry`: the place where a carrier travels. */
export interface JobTelemetryOptions {
  readonly metadata?: string | undefined;
  readonly omitContext?: boolean | undefined;
}

/** How many failures the job may have; BullMQ says 0 for "no retry". Other producers may have written anything. */
export function maxAttemptsOf(opts: ObservedJobOptions | undefined): number {
  const attempts = opts?.attempts;
  return typeof attempts === 'number' && attempts > 1 ? attempts : 1;
}

/**
 * Whether this is a first start by number alone: the job had failed, and somebody who retried it by hand had its starts
 * counted anew (`resetAttemptsStarted`).
 */
export function isCountedAnew({ attemptsStarted, attemptsMade, stacktrace }: ObservedJob): boolean {
  return attemptsStarted === 1 && (attemptsMade > 0 || Boolean(stacktrace?.length));
}

/**
 * The words by which people look the job up.
 *
 * @param job with an `id`: ask before
 */
export function jobEntity(
  queue: { readonly qualifiedName: string },
  job: Pick<ObservedJob, 'id' | 'name' | 'opts'> & { readonly queueQualifiedName?: string },
  attempt?: number,
): WorkEntity {
  return {
    system: 'bullmq',
    queue: job.queueQualifiedName ?? queue.qualifiedName,
    name: job.name,
    id: job.id ?? '',
    attempt,
    maxAttempts: maxAttemptsOf(job.opts),
  };
}
