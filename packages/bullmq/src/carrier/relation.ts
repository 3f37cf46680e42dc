import {
  type Relation,
  relationOf,
  type RelationSetting as SettingOf,
  type Telemetry,
} from '@throughline/core';
import type { JobsOptions } from 'bullmq';

/** What a function that tells the relation of a job may look at, and must not change. */
export interface RelatedJob {
  readonly name: string;
  readonly queueName: string;
  readonly data: unknown;
  /** Of the job and, where it says nothing, of the queue's `defaultJobOptions`. */
  readonly opts: JobsOptions;
}

/**
 * One relation for all jobs, or a function that tells that of each: on the side of the queue when the job is added, on
 * that of the worker at each start. `auto` is `parent` for single jobs and the jobs of a flow, and `link` for jobs added in
 * bulk and for long delays.
 *
 * The ticks of a schedule are linked whatever is said: a schedule without an end would make a trace without an end.
 *
 * A function that throws, or returns anything else, is counted as `bullmq.relation` in `telemetryHealth(telemetry).failures`,
 * and means `auto`; of what it threw only the type is told.
 */
export type RelationSetting = SettingOf<RelatedJob>;

export type { Relation };

/** The word for one job. @param job for a function; without one its word is `auto` */
export function relationOfJob(
  telemetry: Telemetry,
  setting: RelationSetting,
  job: RelatedJob | undefined,
): Relation {
  return relationOf(telemetry, setting, job, 'bullmq.relation');
}
