/**
 * Names of this engine for what neither OpenTelemetry's conventions nor `throughline.*` have a word. They follow the version
 * of this package.
 *
 * @module
 */

/** Name of the task. */
export const ATTR_PGCONDUCTOR_TASK = 'pgconductor.task';
/** The queue it waits in. */
export const ATTR_PGCONDUCTOR_QUEUE = 'pgconductor.queue';
/** Id of the execution, decimal digits as text. */
export const ATTR_PGCONDUCTOR_EXECUTION_ID = 'pgconductor.execution_id';
/** Which start this is, from 1. */
export const ATTR_PGCONDUCTOR_ATTEMPT = 'pgconductor.attempt';
/** How often it may fail. */
export const ATTR_PGCONDUCTOR_MAX_ATTEMPTS = 'pgconductor.max_attempts';
/** Why it runs: `invoke`, `cron`, `event` or `row`. */
export const ATTR_PGCONDUCTOR_TRIGGER = 'pgconductor.trigger';
/** `event.name` of what triggered it; absent for an invocation. */
export const ATTR_PGCONDUCTOR_TRIGGER_NAME = 'pgconductor.trigger.name';
/** When the occurrence of a schedule was due, RFC 3339. */
export const ATTR_PGCONDUCTOR_DUE_AT = 'pgconductor.due_at';
/** `true` on a run that goes on after a sleep, a wait or a release. */
export const ATTR_PGCONDUCTOR_RESUMED = 'pgconductor.resumed';
/** `true` on a run that takes over from a worker that was gone. */
export const ATTR_PGCONDUCTOR_RECOVERED = 'pgconductor.recovered';
/** `true` on a send inside a transaction of the caller's: its rows exist when that commits. */
export const ATTR_PGCONDUCTOR_IN_TRANSACTION = 'pgconductor.in_transaction';
/** Name of a step. */
export const ATTR_PGCONDUCTOR_STEP = 'pgconductor.step';
/** Name of an event of the application. */
export const ATTR_PGCONDUCTOR_EVENT = 'pgconductor.event';
/** What came of a cancellation: `canceled`, `canceling`, `finished` or `unknown`. */
export const ATTR_PGCONDUCTOR_CANCEL = 'pgconductor.cancel';
/** How many senders of a batch are linked no more, because a span has enough links. */
export const ATTR_PGCONDUCTOR_DROPPED_LINKS = 'pgconductor.batch.dropped_links';
/** A logical operation on the database: `claim`, `settle`, `invoke` … */
export const ATTR_PGCONDUCTOR_QUERY = 'pgconductor.query';

/** Histogram, `s`: how long a claim took, also one that found nothing. */
export const METRIC_PGCONDUCTOR_FETCH_DURATION = 'pgconductor.worker.fetch.duration';
/** Counter, `{message}`: executions that were claimed. */
export const METRIC_PGCONDUCTOR_FETCH_COUNT = 'pgconductor.worker.fetch.count';
/** Histogram, `s`: how long it took to bring a batch of outcomes to the database, retries included. */
export const METRIC_PGCONDUCTOR_FLUSH_DURATION = 'pgconductor.worker.flush.duration';
/** Counter, `{message}`: outcomes that were brought to the database. */
export const METRIC_PGCONDUCTOR_FLUSH_COUNT = 'pgconductor.worker.flush.count';
/** Histogram, `s`: how long the handler ran. */
export const METRIC_PGCONDUCTOR_TASK_DURATION = 'pgconductor.task.duration';
/** Histogram, `{attempt}`: how many starts an execution took, when it is over and took more than one. */
export const METRIC_PGCONDUCTOR_TASK_ATTEMPTS = 'pgconductor.task.attempts';
/** Histogram, `s`: how long a logical operation on the database took, retries and their pauses included. */
export const METRIC_PGCONDUCTOR_QUERY_DURATION = 'pgconductor.db.query.duration';
/** Counter, `{retry}`: how often a statement was sent again. */
export const METRIC_PGCONDUCTOR_QUERY_RETRIES = 'pgconductor.db.query.retries';
/** Observed sum, `{execution}`: executions that run. */
export const METRIC_PGCONDUCTOR_SLOTS_USED = 'pgconductor.worker.slots.used';
/** Observed sum, `{execution}`: executions that may run at once. */
export const METRIC_PGCONDUCTOR_SLOTS_LIMIT = 'pgconductor.worker.slots.limit';
/** Histogram, `s`: from a call of `cancel` to the abort of the signal, in whatever process. */
export const METRIC_PGCONDUCTOR_CANCEL_LATENCY = 'pgconductor.cancel.latency';
/** Histogram, `s`: from when an occurrence of a schedule was due to its start. */
export const METRIC_PGCONDUCTOR_CRON_LAG = 'pgconductor.cron.lag';
/** Histogram, `s`: how long a step took. */
export const METRIC_PGCONDUCTOR_STEP_DURATION = 'pgconductor.step.duration';
/** Counter, `{hit}`: steps whose result was there already. */
export const METRIC_PGCONDUCTOR_STEP_MEMO_HITS = 'pgconductor.step.memo_hits';
