import { type Dashboard, DashboardCursorSync, VariableRefresh, VariableSort } from '@grafana/schema';
import { datasource, laidOut, type PanelContent, type PanelQuery } from './panels.ts';
import {
  depthByState,
  failureRatio,
  failuresByType,
  jobsNotSent,
  jobsSent,
  occurrences,
  oldestAge,
  type QueryScope,
  quantile,
  quantileByQueue,
  startsByOutcome,
} from './queries.ts';

/** Of the queues that are chosen on the dashboard, over the range that Grafana finds right for its resolution. */
const chosen: QueryScope = {
  selector: 'messaging_system="bullmq",messaging_destination_name=~"$queue"',
  range: '$__rate_interval',
};
const queueName = '{{messaging_destination_name}}';

const contents: readonly PanelContent[] = [
  {
    title: 'Starts by outcome',
    description:
      'How often jobs are worked on, and how each start ended. A job that is retried is started again.',
    unit: 'ops',
    queries: [{ query: startsByOutcome(chosen), legend: '{{throughline_outcome}}' }],
    isStacked: true,
  },
  {
    title: 'Failure ratio',
    description: 'Of the jobs that came to an end, the share that failed for good.',
    unit: 'percentunit',
    queries: [{ query: failureRatio(chosen), legend: queueName }],
  },
  {
    title: 'Failures by type',
    description: 'The ten most frequent kinds of error, those that are retried included.',
    unit: 'ops',
    queries: [{ query: failuresByType(chosen), legend: '{{error_type}}' }],
  },
  {
    title: 'Process duration',
    description: 'From the start of a job until its result is settled.',
    unit: 's',
    queries: quantiles('messaging_process_duration_seconds'),
  },
  {
    title: 'Process duration by queue, p95',
    description: 'The slowest queues.',
    unit: 's',
    queries: [
      { query: quantileByQueue('messaging_process_duration_seconds', 0.95, chosen), legend: queueName },
    ],
  },
  {
    title: 'Queue wait by queue, p95',
    description: 'How long due jobs waited for a free worker. Delay and backoff are not in it.',
    unit: 's',
    queries: [
      { query: quantileByQueue('throughline_wait_duration_seconds', 0.95, chosen), legend: queueName },
    ],
  },
  {
    title: 'Jobs by state',
    description: 'How many jobs the queues hold. Needs observeQueue().',
    unit: 'short',
    queries: [{ query: depthByState(chosen), legend: `${queueName} {{throughline_queue_state}}` }],
  },
  {
    title: 'Oldest waiting job',
    description: 'For how long the oldest job that waits has been due. Needs observeQueue().',
    unit: 's',
    queries: [{ query: oldestAge(chosen), legend: queueName }],
  },
  {
    title: 'Stalled jobs and lost locks',
    description: 'Workers that went silent, and results that did not count any more.',
    unit: 'short',
    queries: [
      { query: occurrences('throughline_stalled_total', chosen), legend: `${queueName} stalled` },
      { query: occurrences('throughline_lock_lost_total', chosen), legend: `${queueName} lock lost` },
    ],
  },
  {
    title: 'Scheduled delay and backoff, p95',
    description: 'For how long jobs were put off on purpose: by their own delay, and between retries.',
    unit: 's',
    queries: [
      { query: quantile('throughline_delay_duration_seconds', 0.95, chosen), legend: 'delay' },
      { query: quantile('throughline_backoff_duration_seconds', 0.95, chosen), legend: 'backoff' },
    ],
  },
  {
    title: 'Jobs added',
    description: 'By queue, and those that could not be added by their error.',
    unit: 'ops',
    queries: [
      { query: jobsSent(chosen), legend: queueName },
      { query: jobsNotSent(chosen), legend: `${queueName} {{error_type}}` },
    ],
  },
  {
    title: 'Duration of adding',
    description: 'What producers wait for.',
    unit: 's',
    queries: quantiles('messaging_client_operation_duration_seconds'),
  },
  {
    title: 'Failed polls',
    description: 'Queues that observeQueue() could not ask: their depth and age are not known.',
    unit: 'short',
    queries: [{ query: occurrences('throughline_queue_poll_failures_total', chosen), legend: queueName }],
  },
];

function quantiles(of: Parameters<typeof quantile>[0]): readonly PanelQuery[] {
  return [0.5, 0.95, 0.99].map((share) => ({
    query: quantile(of, share, chosen),
    legend: `p${share * 100}`,
  }));
}

/** The dashboard as it is imported into Grafana. */
export const grafanaDashboard: Dashboard = {
  uid: 'throughline-bullmq',
  title: 'BullMQ (Throughline)',
  description: 'Queues and workers of BullMQ, as @throughline/bullmq measures them.',
  tags: ['bullmq', 'throughline', 'opentelemetry'],
  schemaVersion: 39,
  editable: true,
  graphTooltip: DashboardCursorSync.Crosshair,
  time: { from: 'now-3h', to: 'now' },
  refresh: '30s',
  templating: {
    list: [
      { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
      {
        name: 'queue',
        label: 'Queue',
        type: 'query',
        datasource: { ...datasource },
        query: {
          refId: 'queues',
          query:
            'label_values({__name__=~"messaging_client_consumed_messages_total|messaging_client_sent_messages_total|throughline_queue_depth", messaging_system="bullmq"}, messaging_destination_name)',
        },
        refresh: VariableRefresh.onTimeRangeChanged,
        sort: VariableSort.alphabeticalAsc,
        multi: true,
        includeAll: true,
        allValue: '.*',
        current: { text: 'All', value: '$__all' },
      },
    ],
  },
  panels: laidOut(contents),
};
