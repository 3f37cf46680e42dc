import { countFailure, describeError, type Telemetry } from '@throughline/core';

/**
 * How the span of an execution stands to the one that sent it.
 *
 * - `parent`: it continues the trace of the sender.
 * - `link`: it starts a trace of its own, which links to the sender.
 * - `auto`: `parent` for single executions and for children that are waited for; `link` for those invoked in bulk, and for
 *   whatever runs long after it was invoked, because of its delay or of its retries and sleeps.
 *
 * What a schedule starts is a trace of its own, whatever is said: a schedule without an end would make a trace without an
 * end.
 */
export type Relation = 'parent' | 'link' | 'auto';

/** What a function that tells the relation of an execution may look at, and must not change. */
export interface RelatedTask {
  /** Of the task. */
  readonly name: string;
  readonly queue: string;
  readonly payload: unknown;
}

/**
 * One relation for all executions, or a function that tells that of each: when it is invoked, and at each start. One that
 * throws, or returns anything else, is counted as `pgconductor.relation` in `telemetryHealth(telemetry).failures`, and means
 * `auto`; of what it threw only the type is told.
 */
export type RelationSetting = Relation | ((task: RelatedTask) => Relation);

/** Whether `value` is one of the three words. */
export function isRelation(value: unknown): value is Relation {
  return value === 'parent' || value === 'link' || value === 'auto';
}

/** The word for one execution. */
export function relationOf(telemetry: Telemetry, setting: RelationSetting, task: RelatedTask): Relation {
  if (typeof setting !== 'function') return setting;
  try {
    const answer: unknown = setting(task);
    if (isRelation(answer)) return answer;
    Promise.resolve(answer).catch(() => {}); // Nobody waits for it, and nobody would hear it reject.
    countFailure(telemetry, 'pgconductor.relation', new TypeError(`${typeof answer} is no relation`));
  } catch (error) {
    countFailure(telemetry, 'pgconductor.relation', withoutWords(error));
  }
  return 'auto';
}

/** Failures are told on the console, and the words of an error may quote the payload that the function looked at. */
function withoutWords(error: unknown): Error {
  const { type } = describeError(error, { maxCauses: 0 });
  return new TypeError(`the function of the setting \`relation\` threw: ${type}`);
}
