import { countFailure, describeError, type Telemetry } from '@throughline/core';
import type { JobsOptions } from 'bullmq';

/**
 * How the span of consumed work stands to the one that sent it.
 *
 * - `parent`: it continues the trace of the sender.
 * - `link`: it starts a trace of its own, which links to the sender.
 * - `auto`: `parent` for single jobs and the jobs of a flow; `link` for jobs added in bulk and for long delays.
 *
 * The ticks of a schedule are linked whatever is said: a schedule without an end would make a trace without an end.
 */
export type Relation = 'parent' | 'link' | 'auto';

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
 * that of the worker at each start. One that throws, or returns anything else, is counted as `bullmq.relation` in
 * `telemetryHealth(telemetry).failures`, and means `auto`; of what it threw only the type is told.
 */
export type RelationSetting = Relation | ((job: RelatedJob) => Relation);

/** Whether `value` is one of the three words. */
export function isRelation(value: unknown): value is Relation {
  return value === 'parent' || value === 'link' || value === 'auto';
}

/** The word for one job. @param job for a function; without one its word is `auto` */
export function relationOf(
  telemetry: Telemetry,
  setting: RelationSetting,
  job: RelatedJob | undefined,
): Relation {
  if (typeof setting !== 'function') return setting;
  if (job === undefined) return 'auto';
  try {
    const answer: unknown = setting(job);
    if (isRelation(answer)) return answer;
    Promise.resolve(answer).catch(() => {}); // Nobody waits for it, and nobody would hear it reject.
    countFailure(telemetry, 'bullmq.relation', new TypeError(`${typeof answer} is no relation`));
  } catch (error) {
    countFailure(telemetry, 'bullmq.relation', withoutWords(error));
  }
  return 'auto';
}

/** Failures are told on the console, and the words of an error may quote the data that the function looked at. */
function withoutWords(error: unknown): Error {
  const { type } = describeError(error, { maxCauses: 0 });
  return new TypeError(`the function of the setting \`relation\` threw: ${type}`);
}
