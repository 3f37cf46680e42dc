import {
  type Attributes,
  defineEventKind,
  METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
  METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
  METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
  METRIC_MESSAGING_PROCESS_DURATION,
  METRIC_THROUGHLINE_BACKOFF_DURATION,
  METRIC_THROUGHLINE_DELAY_DURATION,
  METRIC_THROUGHLINE_LOCK_LOST,
  METRIC_THROUGHLINE_STALLED,
  METRIC_THROUGHLINE_WAIT_DURATION,
  type TelemetryEventKind,
} from '@throughline/core';

/**
 * Boundaries in seconds that the convention advises for messaging durations.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/ | Messaging metrics}
 */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Jobs may wait for minutes or hours, on purpose or not. */
const pauseBuckets = [0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 21_600];

/** Jobs were handed to BullMQ: one `add`, or the jobs of one queue in an `addBulk` or a flow. */
export interface JobsSent {
  /** The same frozen object for the same queue and outcome. */
  readonly attributes: Attributes;
  /** How many jobs the call was about, whether or not it went well. */
  readonly count: number;
  /** How long the call took, in seconds; `undefined` when another event of the same call says so. */
  readonly durationSeconds: number | undefined;
}

/** One start of a job has ended. */
export interface JobProcessed {
  /** The same frozen object for the same queue, outcome and error type. */
  readonly attributes: Attributes;
  readonly durationSeconds: number;
  /** Queue wait in seconds, on the first start only. */
  readonly waitSeconds: number | undefined;
}

/** A start of a job was put off on purpose: by the job's own delay before the first, by a backoff before a later one. */
export interface JobPutOff {
  /** The same frozen object for the same queue. */
  readonly attributes: Attributes;
  readonly seconds: number;
}

/** Something happened to one job. */
export interface JobOccurrence {
  /** The same frozen object for the same queue. */
  readonly attributes: Attributes;
}

const attributes = (event: { readonly attributes: Attributes }): Attributes => event.attributes;
const durationSeconds = (event: { readonly durationSeconds: number | undefined }): number | undefined =>
  event.durationSeconds;

/** Feeds `messaging.client.sent.messages` and `messaging.client.operation.duration`. */
export const jobsSent: TelemetryEventKind<JobsSent> = defineEventKind<JobsSent>('bullmq.jobs.sent', [
  {
    kind: 'counter',
    name: METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
    unit: '{message}',
    description: 'Number of jobs a producer tried to add to the queue.',
    value: (event) => event.count,
    attributes,
  },
  {
    kind: 'histogram',
    name: METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
    unit: 's',
    description: 'Duration of adding jobs to the queue.',
    buckets: durationBuckets,
    value: durationSeconds,
    attributes,
  },
]);

/** Feeds `messaging.client.consumed.messages`, `messaging.process.duration` and `throughline.wait.duration`. */
export const jobProcessed: TelemetryEventKind<JobProcessed> = defineEventKind<JobProcessed>(
  'bullmq.job.processed',
  [
    {
      kind: 'counter',
      name: METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
      unit: '{message}',
      description: 'Number of times a job was handed to a processor.',
      value: () => 1,
      attributes,
    },
    {
      kind: 'histogram',
      name: METRIC_MESSAGING_PROCESS_DURATION,
      unit: 's',
      description: 'Duration of one start of a job, until its result is settled in the queue.',
      buckets: durationBuckets,
      value: durationSeconds,
      attributes,
    },
    {
      kind: 'histogram',
      name: METRIC_THROUGHLINE_WAIT_DURATION,
      unit: 's',
      description: 'Time a due job waited for a free worker, first starts only.',
      buckets: pauseBuckets,
      value: (event) => event.waitSeconds,
      attributes,
    },
  ],
);

/** Feeds `throughline.delay.duration`. Emitted at the first start of a job that had a delay. */
export const jobDelayed: TelemetryEventKind<JobPutOff> = defineEventKind<JobPutOff>('bullmq.job.delayed', [
  {
    kind: 'histogram',
    name: METRIC_THROUGHLINE_DELAY_DURATION,
    unit: 's',
    description: 'Time a job was put off by its own delay before its first start.',
    buckets: pauseBuckets,
    value: (event) => event.seconds,
    attributes,
  },
]);

/** Feeds `throughline.backoff.duration`. Emitted when a start failed and BullMQ has put off the next one. */
export const jobBackedOff: TelemetryEventKind<JobPutOff> = defineEventKind<JobPutOff>(
  'bullmq.job.backed_off',
  [
    {
      kind: 'histogram',
      name: METRIC_THROUGHLINE_BACKOFF_DURATION,
      unit: 's',
      description: 'Backoff that was chosen between a failed start and the next.',
      buckets: pauseBuckets,
      value: (event) => event.seconds,
      attributes,
    },
  ],
);

/** Feeds `throughline.stalled`. Emitted by the worker whose check found the job. */
export const jobStalled: TelemetryEventKind<JobOccurrence> = defineEventKind<JobOccurrence>(
  'bullmq.job.stalled',
  [
    {
      kind: 'counter',
      name: METRIC_THROUGHLINE_STALLED,
      unit: '{message}',
      description: 'Number of times a job was taken back because its worker went silent.',
      value: () => 1,
      attributes,
    },
  ],
);

/** Feeds `throughline.lock_lost`. Emitted by the worker whose result did not count any more. */
export const jobLockLost: TelemetryEventKind<JobOccurrence> = defineEventKind<JobOccurrence>(
  'bullmq.job.lock_lost',
  [
    {
      kind: 'counter',
      name: METRIC_THROUGHLINE_LOCK_LOST,
      unit: '{message}',
      description: 'Number of starts whose lock was gone when they ended.',
      value: () => 1,
      attributes,
    },
  ],
);
