/**
 * What travels beside a job or a request: W3C header names with string values.
 *
 * A carrier lives in queue metadata (BullMQ job options, a Postgres column, a worker message),
 * never inside the user's payload, and is written in the same atomic step as the work itself.
 *
 * @see {@link https://www.w3.org/TR/trace-context-2/ | W3C Trace Context Level 2}
 */
export interface Carrier {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
  baggage?: string | undefined;
  /** The producer's wish that the consumer links instead of continuing the trace. Other readers ignore it. */
  relation?: 'link' | undefined;
}
