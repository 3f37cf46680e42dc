import type { CarriedRelation, Telemetry } from '@throughline/core';
import type { JobTelemetryOptions, ObservedJobOptions } from '../job/observed-job.ts';
import type { TracedQueue } from '../job/traced-queue.ts';
import { ownRelationOf } from '../producing/job-relation.ts';
import type { BullmqSettings } from '../settings/bullmq-settings.ts';
import { type RelatedJob, relationOfJob } from './relation.ts';

/** How a job comes into its queue: by itself, with so many others that it is a fan-out, or as a node of a flow. */
export type SentAs = 'single' | 'bulk' | 'flow';

/** A job that is being sent. */
export interface SentJob<Options extends ObservedJobOptions = ObservedJobOptions> {
  readonly telemetry: Telemetry;
  readonly queue: TracedQueue;
  readonly name: string;
  /** Looked at only by a function of the user's. */
  readonly data: unknown;
  readonly opts: Options | undefined;
  /** The queue's `defaultJobOptions`. */
  readonly defaults: ObservedJobOptions | undefined;
  readonly sentAs: SentAs;
}

/**
 * What the producer writes into the carrier: what only it knows, and what was said here; nothing where the consumer
 * comes to the same by itself.
 *
 * @param own the job's option `telemetry`
 */
export function carriedRelation(
  job: SentJob,
  own: JobTelemetryOptions | undefined,
): CarriedRelation | undefined {
  const { telemetry, queue, opts, sentAs } = job;
  if (opts?.repeat) return 'link';
  const wanted = ownRelationOf(own) ?? relationOfJob(telemetry, queue.settings.relation, relatedJob(job));
  if (wanted === 'link') return 'link';
  const isAwaited = sentAs === 'flow' || Boolean(opts?.parent);
  if (wanted === 'parent' || isAwaited) return isDelayed(job) ? 'parent' : undefined;
  return sentAs === 'bulk' ? 'link' : undefined;
}

/**
 * The same where BullMQ tells its own operation and nothing of the job: a setting that needs the job counts as `auto`,
 * and an `addBulk` of one job as a fan-out.
 */
export function relationOfOperation(
  { relation }: BullmqSettings,
  operation: string,
): CarriedRelation | undefined {
  if (relation === 'parent' || relation === 'link') return relation;
  return operation === 'addBulk' ? 'link' : undefined;
}

/** Made only for a function. */
function relatedJob({ queue, name, data, opts, defaults }: SentJob): RelatedJob | undefined {
  if (typeof queue.settings.relation !== 'function') return undefined;
  return { name, queueName: queue.name, data, opts: { ...defaults, ...opts } as RelatedJob['opts'] };
}

/** Only for delayed jobs would the consumer decide otherwise. */
function isDelayed({ opts, defaults }: SentJob): boolean {
  return Number(opts?.delay ?? defaults?.delay) > 0;
}
