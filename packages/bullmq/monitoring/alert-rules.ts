import {
  activeJobs,
  failureRatio,
  finishedJobs,
  occurrences,
  oldestAge,
  type QueryScope,
  waitingJobs,
} from './queries.ts';

/** A rule of Prometheus; Grafana, Mimir and VictoriaMetrics take the same form. */
interface AlertRule {
  readonly alert: string;
  /** PromQL. Every series of its result is an alert of its own: one per queue. */
  readonly expr: string;
  /** How long it must have been so: a PromQL duration. */
  readonly for: string;
  readonly labels: { readonly severity: 'warning' | 'critical' };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    /** What to look at, in this order. */
    readonly runbook: string;
  };
}

/** A file of rules. */
export interface AlertRuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

const everyQueue = 'messaging_system="bullmq"';
const over = (range: string): QueryScope => ({ selector: everyQueue, range });
const queue = '{{ $labels.messaging_destination_name }}';

/** A ratio of few jobs says little. */
const enoughJobs = `${finishedJobs(over('15m'))} >= 20`;
const waitingNow = waitingJobs(over('15m'));

export const alertRules: AlertRuleFile = {
  groups: [
    {
      name: 'throughline-bullmq',
      rules: [
        {
          alert: 'BullmqJobsFailing',
          expr: `${failureRatio(over('15m'))} > 0.05 and ${enoughJobs}`,
          for: '10m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `Jobs of queue ${queue} fail`,
            description: `{{ $value | humanizePercentage }} of the jobs of ${queue} that ended in the last 15 minutes failed for good.`,
            runbook:
              'See "Failures by type" on the dashboard for the error. Find a trace of a failed job by its queue and status; its last attempt has the error itself. When all jobs fail at once, look at what the processor depends on; when it began with a release, go back. Retry failed jobs with queue.retryJobs() once the cause is gone.',
          },
        },
        {
          alert: 'BullmqOldestJobTooOld',
          expr: `${oldestAge(over('15m'))} > 300`,
          for: '5m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `Jobs of queue ${queue} wait too long`,
            description: `The oldest job that waits in ${queue} has been due for {{ $value | humanizeDuration }}.`,
            runbook:
              'Compare "Starts by outcome" with "Jobs added": when more is added than worked on, add workers or raise concurrency. When "Process duration" has risen, find out what became slow. When nothing is started, see BullmqNoWorker. Low priorities may starve behind high ones.',
          },
        },
        {
          alert: 'BullmqNoWorker',
          expr: `${oldestAge(over('15m'))} > 60 and ${activeJobs(over('15m'))} == 0`,
          for: '5m',
          labels: { severity: 'critical' },
          annotations: {
            summary: `Nobody works on queue ${queue}`,
            description: `Jobs of ${queue} have been due for {{ $value | humanizeDuration }}, and none is being worked on.`,
            runbook:
              'Is the queue paused (queue.isPaused()) or rate-limited? Are the workers running, and connected to the same Redis with the same prefix (queue.getWorkers())? See the log of a worker for errors of its connection. Delayed jobs, too, only become active while a worker runs.',
          },
        },
        {
          alert: 'BullmqJobsStalled',
          expr: `${occurrences('throughline_stalled_total', over('15m'))} > 0`,
          for: '1m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `Jobs of queue ${queue} stall`,
            description: `{{ $value | humanize }} jobs of ${queue} were taken back in the last 15 minutes because their worker went silent.`,
            runbook:
              'A worker was killed (out of memory? a deployment without worker.close()?) or its event loop was blocked for longer than lockDuration. See the exit codes of the workers; move work that blocks to a sandboxed processor. A stalled job is run again, so its processor must bear that.',
          },
        },
        {
          alert: 'BullmqLocksLost',
          expr: `${occurrences('throughline_lock_lost_total', over('15m'))} > 0`,
          for: '1m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `Workers of queue ${queue} lose their locks`,
            description: `{{ $value | humanize }} starts of jobs of ${queue} ended in the last 15 minutes without the lock, so that their results do not count.`,
            runbook:
              'The work was done and is done again. Look for long blocking calls and for a slow connection to Redis; raise lockDuration when jobs need longer without a pause.',
          },
        },
        {
          alert: 'BullmqQueueGrowing',
          expr: `${waitingNow} > 100 and ${waitingNow} > 1.5 * min_over_time((${waitingNow})[30m:1m])`,
          for: '15m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `Queue ${queue} grows`,
            description: `{{ $value | humanize }} jobs wait in ${queue}, at least half as many again as some time in the last 30 minutes.`,
            runbook:
              'More is added than worked on. See "Jobs added" for a producer that adds more than usual and "Process duration" for workers that have become slow. Add workers, or slow the producer down.',
          },
        },
        {
          alert: 'BullmqQueueNotObserved',
          expr: `${occurrences('throughline_queue_poll_failures_total', over('10m'))} > 3`,
          for: '5m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `Queue ${queue} cannot be observed`,
            description: `Redis did not answer {{ $value | humanize }} polls of ${queue} in the last 10 minutes; its depth and age are not known.`,
            runbook:
              'error_type of throughline_queue_poll_failures_total says why: a connection that is gone, a missing permission for scripts or for the key <prefix>:<queue>:throughline:observer, or no answer in time (QueuePollTimeout).',
          },
        },
      ],
    },
  ],
};
