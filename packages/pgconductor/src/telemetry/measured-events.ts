import {
  defineEventKind,
  METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
  METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
  METRIC_THROUGHLINE_QUEUE_POLL_FAILURES,
  METRIC_THROUGHLINE_STALLED,
  type TelemetryEventKind,
} from '@throughline/core';
import {
  METRIC_PGCONDUCTOR_CANCEL_LATENCY,
  METRIC_PGCONDUCTOR_FETCH_COUNT,
  METRIC_PGCONDUCTOR_FETCH_DURATION,
  METRIC_PGCONDUCTOR_FLUSH_COUNT,
  METRIC_PGCONDUCTOR_FLUSH_DURATION,
  METRIC_PGCONDUCTOR_QUERY_DURATION,
  METRIC_PGCONDUCTOR_QUERY_RETRIES,
  METRIC_PGCONDUCTOR_STEP_DURATION,
  METRIC_PGCONDUCTOR_STEP_MEMO_HITS,
} from './attribute-names.ts';
import { type Attributed, attributes, durationBuckets, queryBuckets, seconds } from './attributed.ts';

/** Invocations of one task were handed to the database, by one call. */
export interface TasksSent extends Attributed {
  /** How many the call was about, whether or not it went well. */
  readonly count: number;
  readonly durationMs: number;
}

/** A worker asked for work. */
export interface WorkerFetch extends Attributed {
  readonly queue: string;
  /** How many executions it got. */
  readonly count: number;
  readonly durationMs: number;
}

/** A worker brought outcomes to the database. */
export interface WorkerFlush extends Attributed {
  /** Of all of them, when it is one. */
  readonly queue: string | undefined;
  readonly count: number;
  readonly durationMs: number;
}

/** A logical operation on the database is over, retries included. */
export interface DatabaseQuery extends Attributed {
  readonly label: string;
  readonly durationMs: number;
  /** How often it was sent again. */
  readonly retries: number;
}

/** A worker took over what another one had left. */
export interface WorkerRecovery extends Attributed {
  readonly count: number;
}

/** A running execution was told to stop. */
export interface CancelSeen extends Attributed {
  /** Since `cancel` was called. */
  readonly latencyMs: number;
}

/** A step was run, or its result was there already. */
export interface StepDone extends Attributed {
  readonly task: string;
  readonly step: string;
  /** `undefined` when the result was there already. */
  readonly durationMs: number | undefined;
}

const count = (event: { readonly count: number }): number | undefined => event.count || undefined;
/** Feeds `messaging.client.sent.messages` and `messaging.client.operation.duration`. */
export const tasksSent: TelemetryEventKind<TasksSent> = defineEventKind<TasksSent>('pgconductor.tasks.sent', [
  {
    kind: 'counter',
    name: METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
    unit: '{message}',
    description: 'Number of executions a producer tried to enqueue.',
    value: (event) => event.count,
    attributes,
  },
  {
    kind: 'histogram',
    name: METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
    unit: 's',
    description: 'Duration of enqueueing.',
    buckets: durationBuckets,
    value: seconds,
    attributes,
  },
]);

/** Feeds `pgconductor.worker.fetch.duration` and `pgconductor.worker.fetch.count`. */
export const workerFetch: TelemetryEventKind<WorkerFetch> = defineEventKind<WorkerFetch>('worker.fetch', [
  {
    kind: 'histogram',
    name: METRIC_PGCONDUCTOR_FETCH_DURATION,
    unit: 's',
    description: 'Duration of claims, those that found nothing included.',
    buckets: queryBuckets,
    value: seconds,
    attributes,
  },
  {
    kind: 'counter',
    name: METRIC_PGCONDUCTOR_FETCH_COUNT,
    unit: '{message}',
    description: 'Number of executions that were claimed.',
    value: count,
    attributes,
  },
]);

/** Feeds `pgconductor.worker.flush.duration` and `pgconductor.worker.flush.count`. */
export const workerFlush: TelemetryEventKind<WorkerFlush> = defineEventKind<WorkerFlush>('worker.flush', [
  {
    kind: 'histogram',
    name: METRIC_PGCONDUCTOR_FLUSH_DURATION,
    unit: 's',
    description: 'Duration of bringing a batch of outcomes to the database.',
    buckets: queryBuckets,
    value: seconds,
    attributes,
  },
  {
    kind: 'counter',
    name: METRIC_PGCONDUCTOR_FLUSH_COUNT,
    unit: '{message}',
    description: 'Number of outcomes that were brought to the database.',
    value: count,
    attributes,
  },
]);

/** Feeds `pgconductor.db.query.duration` and `pgconductor.db.query.retries`. */
export const databaseQuery: TelemetryEventKind<DatabaseQuery> = defineEventKind<DatabaseQuery>('db.query', [
  {
    kind: 'histogram',
    name: METRIC_PGCONDUCTOR_QUERY_DURATION,
    unit: 's',
    description: 'Duration of a logical operation on the database, retries included.',
    buckets: queryBuckets,
    value: seconds,
    attributes,
  },
  {
    kind: 'counter',
    name: METRIC_PGCONDUCTOR_QUERY_RETRIES,
    unit: '{retry}',
    description: 'Number of times a statement was sent again.',
    value: ({ retries }) => retries || undefined,
    attributes,
  },
]);

/** Feeds `throughline.stalled`. Emitted by the worker that took over. */
export const workerRecovery: TelemetryEventKind<WorkerRecovery> = defineEventKind<WorkerRecovery>(
  'worker.recovery',
  [
    {
      kind: 'counter',
      name: METRIC_THROUGHLINE_STALLED,
      unit: '{message}',
      description: 'Number of executions that were taken over because their worker went silent.',
      value: count,
      attributes,
    },
  ],
);

/** Feeds `pgconductor.cancel.latency`. Emitted by the worker that runs the execution. */
export const cancelSeen: TelemetryEventKind<CancelSeen> = defineEventKind<CancelSeen>(
  'pgconductor.cancel.seen',
  [
    {
      kind: 'histogram',
      name: METRIC_PGCONDUCTOR_CANCEL_LATENCY,
      unit: 's',
      description: 'Time from a call of cancel to the abort of the signal.',
      buckets: durationBuckets,
      value: (event) => event.latencyMs / 1_000,
      attributes,
    },
  ],
);

/** Feeds `pgconductor.step.duration` and `pgconductor.step.memo_hits`. */
export const stepDone: TelemetryEventKind<StepDone> = defineEventKind<StepDone>('pgconductor.step.done', [
  {
    kind: 'histogram',
    name: METRIC_PGCONDUCTOR_STEP_DURATION,
    unit: 's',
    description: 'Duration of steps that were run.',
    buckets: durationBuckets,
    value: ({ durationMs }) => (durationMs === undefined ? undefined : durationMs / 1_000),
    attributes,
  },
  {
    kind: 'counter',
    name: METRIC_PGCONDUCTOR_STEP_MEMO_HITS,
    unit: '{hit}',
    description: 'Number of steps whose result was there already.',
    value: ({ durationMs }) => (durationMs === undefined ? 1 : undefined),
    attributes,
  },
]);

/** Feeds `throughline.queue.poll.failures`. */
export const queuesNotCounted: TelemetryEventKind<Attributed> = defineEventKind<Attributed>(
  'pgconductor.queues.not_counted',
  [
    {
      kind: 'counter',
      name: METRIC_THROUGHLINE_QUEUE_POLL_FAILURES,
      unit: '{failure}',
      description: 'Number of times the queues could not be counted.',
      value: () => 1,
      attributes,
    },
  ],
);
