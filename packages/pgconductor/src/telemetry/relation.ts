import {
  type Relation,
  relationOf,
  type RelationSetting as SettingOf,
  type Telemetry,
} from '@throughline/core';

/** What a function that tells the relation of an execution may look at, and must not change. */
export interface RelatedTask {
  /** Of the task. */
  readonly name: string;
  readonly queue: string;
  readonly payload: unknown;
}

/**
 * One relation for all executions, or a function that tells that of each: when it is invoked, and at each start. `auto` is
 * `parent` for single executions and for children that are waited for; `link` for those invoked in bulk, and for whatever runs
 * long after it was invoked, because of its delay or of its retries and sleeps.
 *
 * What a schedule starts is a trace of its own, whatever is said: a schedule without an end would make a trace without an
 * end.
 *
 * A function that throws, or returns anything else, is counted as `pgconductor.relation` in
 * `telemetryHealth(telemetry).failures`, and means `auto`; of what it threw only the type is told.
 */
export type RelationSetting = SettingOf<RelatedTask>;

export type { Relation };

/** The word for one execution. */
export function relationOfTask(telemetry: Telemetry, setting: RelationSetting, task: RelatedTask): Relation {
  return relationOf(telemetry, setting, task, 'pgconductor.relation');
}
