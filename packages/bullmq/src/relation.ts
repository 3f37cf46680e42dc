/**
 * How the span of consumed work stands to the one that sent it.
 *
 * - `parent`: it continues the trace of the sender.
 * - `link`: it starts a trace of its own that links to the sender.
 * - `auto`: `parent` for immediate single jobs and the jobs of a flow; `link` for jobs added in bulk and long delays.
 *
 * The ticks of a schedule are linked whatever is said: a schedule without an end would make a trace without an end.
 */
export type Relation = 'parent' | 'link' | 'auto';

/** What a {@link RelationSetting} function may look at; the same on both sides of the queue. It must not change it. */
export interface RelatedJob {
  readonly name: string;
  readonly queueName: string;
  readonly data: unknown;
  /** BullMQ's job options, those of the queue's defaults included. */
  readonly opts: Readonly<Record<string, unknown>>;
}

/** One relation for all jobs, or a function that tells that of each. */
export type RelationSetting = Relation | ((job: RelatedJob) => Relation);

/** Whether `value` is one of the three words. */
export function isRelation(value: unknown): value is Relation {
  return value === 'parent' || value === 'link' || value === 'auto';
}
