/**
 * Names for what OpenTelemetry's conventions have no word for. They follow the version of this package.
 *
 * @module
 */

/** The trace that a linked root came from, so that it can be searched by attribute. */
export const ATTR_THROUGHLINE_ORIGIN_TRACE_ID = 'throughline.origin.trace_id';
/** How the work ended, a `SpanOutcome`. */
export const ATTR_THROUGHLINE_OUTCOME = 'throughline.outcome';
/** What happened beside the outcome: `max_stalled`, `manual_retry`, `promoted`, `duplicate`, `deduplicated`, `throttled` … */
export const ATTR_THROUGHLINE_REASON = 'throughline.reason';
/** `true` when the attempt failed and another one follows. */
export const ATTR_THROUGHLINE_WILL_RETRY = 'throughline.will_retry';
/** Which start of the work this is, from 1. */
export const ATTR_THROUGHLINE_ATTEMPT = 'throughline.attempt';
/** How many failures are allowed. */
export const ATTR_THROUGHLINE_MAX_ATTEMPTS = 'throughline.max_attempts';
/** On a link: why it points where it does, a `SpanRelation`. On a span: `link`, when its root links to the sender. */
export const ATTR_THROUGHLINE_RELATION = 'throughline.relation';
/** The job's or task's name. */
export const ATTR_THROUGHLINE_JOB_NAME = 'throughline.job.name';
/** Where in its queue work is: `waiting`, `active`, `delayed` … */
export const ATTR_THROUGHLINE_QUEUE_STATE = 'throughline.queue.state';

/** Seconds in the queue, planned delay and backoff excluded: attribute of a span, histogram over all. */
export const METRIC_THROUGHLINE_WAIT_DURATION = 'throughline.wait.duration';
/** Seconds of planned delay before the work was due: attribute and histogram. */
export const METRIC_THROUGHLINE_DELAY_DURATION = 'throughline.delay.duration';
/** Seconds of waiting between a failed attempt and the next: attribute and histogram. */
export const METRIC_THROUGHLINE_BACKOFF_DURATION = 'throughline.backoff.duration';
/** Gauge, `{message}`: work in a queue, by state. */
export const METRIC_THROUGHLINE_QUEUE_DEPTH = 'throughline.queue.depth';
/** Gauge, `s`: for how long the oldest work has been due and waiting; 0 when none is. */
export const METRIC_THROUGHLINE_QUEUE_OLDEST_AGE = 'throughline.queue.oldest.age';
/** Gauge, `s`: when the depth and the age of a queue were asked for, seconds since the epoch. */
export const METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP = 'throughline.queue.poll.timestamp';
/** Counter, `{failure}`: questions about a queue's depth and age that got no answer. */
export const METRIC_THROUGHLINE_QUEUE_POLL_FAILURES = 'throughline.queue.poll.failures';
/** Counter, `{message}`: work whose worker went silent. On a span: how often its work had, before. */
export const METRIC_THROUGHLINE_STALLED = 'throughline.stalled';
/** Counter, `{message}`: work whose lock or lease was lost while it ran. On a span: `true`. */
export const METRIC_THROUGHLINE_LOCK_LOST = 'throughline.lock_lost';
