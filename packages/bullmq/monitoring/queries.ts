/**
 * What the dashboard and the alert rules ask Prometheus.
 *
 * Names are those that OTLP gets on its way into Prometheus by default: dots become underscores, units and `_total` become
 * suffixes.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ | OpenTelemetry: Prometheus compatibility}
 * @module
 */

/** Which series a query is about, and over which time its rates are taken. */
export interface QueryScope {
  /** Label matchers, without braces. */
  readonly selector: string;
  /** A PromQL duration. */
  readonly range: string;
}

/**
 * Older than this, what a poll found is not shown: two default exports of a metric reader, and a few polls. A process that
 * has stopped polling may go on exporting what it knew last.
 */
const freshSeconds = 180;

const queue = 'messaging_destination_name';
/** These jobs are over; the others go on. A success has no outcome, which Prometheus takes for an empty one. */
const finished = 'throughline_outcome=~"|error"';

export function startsByOutcome({ selector, range }: QueryScope): string {
  const starts = `sum by (throughline_outcome) (rate(messaging_client_consumed_messages_total{${selector}}[${range}]))`;
  return `label_replace(${starts}, "throughline_outcome", "ok", "throughline_outcome", "")`;
}

/** Of the jobs that came to an end, the share that failed for good. */
export function failureRatio({ selector, range }: QueryScope): string {
  const ended = (matcher: string): string =>
    `sum by (${queue}) (rate(messaging_client_consumed_messages_total{${selector},${matcher}}[${range}]))`;
  const all = ended(finished);
  return `(${ended('throughline_outcome="error"')} or 0 * ${all}) / ${all}`;
}

export function finishedJobs({ selector, range }: QueryScope): string {
  return `sum by (${queue}) (increase(messaging_client_consumed_messages_total{${selector},${finished}}[${range}]))`;
}

export function failuresByType({ selector, range }: QueryScope): string {
  return `topk(10, sum by (error_type) (rate(messaging_client_consumed_messages_total{${selector},error_type!=""}[${range}])))`;
}

type Histogram =
  | 'messaging_process_duration_seconds'
  | 'messaging_client_operation_duration_seconds'
  | 'throughline_wait_duration_seconds'
  | 'throughline_delay_duration_seconds'
  | 'throughline_backoff_duration_seconds';

export function quantile(of: Histogram, share: number, { selector, range }: QueryScope): string {
  return `histogram_quantile(${share}, sum by (le) (rate(${of}_bucket{${selector}}[${range}])))`;
}

export function quantileByQueue(of: Histogram, share: number, { selector, range }: QueryScope): string {
  return `histogram_quantile(${share}, sum by (le, ${queue}) (rate(${of}_bucket{${selector}}[${range}])))`;
}

export function jobsSent({ selector, range }: QueryScope): string {
  return `sum by (${queue}) (rate(messaging_client_sent_messages_total{${selector}}[${range}]))`;
}

export function jobsNotSent({ selector, range }: QueryScope): string {
  return `sum by (${queue}, error_type) (rate(messaging_client_sent_messages_total{${selector},error_type!=""}[${range}]))`;
}

/** `max`, because the process that polls may have changed: two series of one queue are never added up. */
export function depthByState({ selector }: QueryScope, states = ''): string {
  const depth = `throughline_queue_depth{${selector}${states}}`;
  return `max by (${queue}, throughline_queue_state) (${depth} and ignoring (throughline_queue_state) ${freshPolls(selector)})`;
}

/** Jobs that a worker could take up now. */
export function waitingJobs(scope: QueryScope): string {
  return `sum by (${queue}) (${depthByState(scope, ',throughline_queue_state=~"waiting|prioritized"')})`;
}

export function activeJobs(scope: QueryScope): string {
  return `sum by (${queue}) (${depthByState(scope, ',throughline_queue_state="active"')})`;
}

export function oldestAge({ selector }: QueryScope): string {
  return `max by (${queue}) (throughline_queue_oldest_age_seconds{${selector}} and ${freshPolls(selector)})`;
}

type RareCounter =
  | 'throughline_stalled_total'
  | 'throughline_lock_lost_total'
  | 'throughline_queue_poll_failures_total';

/**
 * `increase` does not see the first occurrence, because the series begins with it: a new series counts as a whole. New is
 * what was not there for a whole range: a gap, after Prometheus was down, makes no series new.
 */
export function occurrences(of: RareCounter, { selector, range }: QueryScope): string {
  const series = `${of}{${selector}}`;
  const before = `last_over_time(${series}[${range}] offset ${range})`;
  return `sum by (${queue}) ((${series} unless ${before}) or increase(${series}[${range}]))`;
}

function freshPolls(selector: string): string {
  return `(time() - throughline_queue_poll_timestamp_seconds{${selector}} < ${freshSeconds})`;
}
