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
  METRIC_THROUGHLINE_QUEUE_POLL_FAILURES,
  METRIC_THROUGHLINE_STALLED,
  METRIC_THROUGHLINE_WAIT_DURATION,
  type TelemetryEventKind,
} from '@throughline/core';
import {
  METRIC_PGCONDUCTOR_CANCEL_LATENCY,
  METRIC_PGCONDUCTOR_CRON_LAG,
  METRIC_PGCONDUCTOR_FETCH_COUNT,
  METRIC_PGCONDUCTOR_FETCH_DURATION,
  METRIC_PGCONDUCTOR_FLUSH_COUNT,
  METRIC_PGCONDUCTOR_FLUSH_DURATION,
  METRIC_PGCONDUCTOR_QUERY_DURATION,
  METRIC_PGCONDUCTOR_QUERY_RETRIES,
  METRIC_PGCONDUCTOR_STEP_DURATION,
  METRIC_PGCONDUCTOR_STEP_MEMO_HITS,
  METRIC_PGCONDUCTOR_TASK_ATTEMPTS,
  METRIC_PGCONDUCTOR_TASK_DURATION,
} from './attribute-names.ts';

/**
 * Boundaries in seconds that the convention advises for messaging durations.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/ | Messaging metrics}
 */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Statements of a healthy database take a fraction of a millisecond. */
const queryBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Executions may wait for minutes or hours, on purpose or not. */
const pauseBuckets = [0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 21_600];
const attemptBuckets = [2, 3, 4, 5, 7, 10, 15, 25, 50];

/** Something that was measured. */
export interface Attributed {
  /** The same frozen object for the same combination of values. */
  readonly attributes: Attributes;
}

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

/** What a run came to, in the row that was committed. */
export type ExecutionStatus =
  | 'completed'
  | 'failed'
  | 'released'
  | 'permanently_failed'
  | 'invoke_child'
  | 'wait'
  | 'canceled'
  | 'lost';

/** One run is over and its row committed. */
export interface WorkerExecution extends Attributed {
  readonly queue: string;
  readonly task: string;
  readonly executionId: string;
  /** From its start until its row was committed. */
  readonly durationMs: number;
  /** Of the handler alone. */
  readonly handlerMs: number;
  readonly attempt: number;
  readonly status: ExecutionStatus;
  /** Of what is told by task: the handler. The same frozen object for the same combination of values. */
  readonly taskAttributes: Attributes;
  /** Of what came before the run. The same frozen object for the same task. */
  readonly waitAttributes: Attributes;
  /** What was thrown. */
  readonly error: unknown;
  /** For how long it was due before it started. */
  readonly waitMs: number;
  /** For how long it was put off before its first run; `undefined` for later ones, and when it was not. */
  readonly delayMs: number | undefined;
  /** After which the next one follows; `undefined` unless it failed. */
  readonly backoffMs: number | undefined;
  /** How late an occurrence of a schedule started; `undefined` for everything else. */
  readonly cronLagMs: number | undefined;
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

const attributes = (event: Attributed): Attributes => event.attributes;
const byTask = (event: WorkerExecution): Attributes => event.taskAttributes;
const ofWait = (event: WorkerExecution): Attributes => event.waitAttributes;
const seconds = (event: { readonly durationMs: number }): number => event.durationMs / 1_000;
const count = (event: { readonly count: number }): number | undefined => event.count || undefined;
const inSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
const ends: Readonly<Partial<Record<ExecutionStatus, true>>> = {
  completed: true,
  permanently_failed: true,
  canceled: true,
};

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

/**
 * Feeds `messaging.process.duration`, `messaging.client.consumed.messages`, `pgconductor.task.duration`,
 * `pgconductor.task.attempts`, `throughline.wait.duration`, `throughline.delay.duration`, `throughline.backoff.duration`,
 * `throughline.lock_lost` and `pgconductor.cron.lag`.
 */
export const workerExecution: TelemetryEventKind<WorkerExecution> = defineEventKind<WorkerExecution>(
  'worker.execution',
  [
    {
      kind: 'counter',
      name: METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
      unit: '{message}',
      description: 'Number of times an execution was handed to its handler.',
      value: () => 1,
      attributes,
    },
    {
      kind: 'histogram',
      name: METRIC_MESSAGING_PROCESS_DURATION,
      unit: 's',
      description: 'Duration of one run, until its row is committed.',
      buckets: durationBuckets,
      value: seconds,
      attributes,
    },
    {
      kind: 'histogram',
      name: METRIC_PGCONDUCTOR_TASK_DURATION,
      unit: 's',
      description: 'Duration of the handler in one run.',
      buckets: durationBuckets,
      value: (event) => event.handlerMs / 1_000,
      attributes: byTask,
    },
    {
      kind: 'histogram',
      name: METRIC_PGCONDUCTOR_TASK_ATTEMPTS,
      unit: '{attempt}',
      description: 'Number of starts that an execution took, when it is over and took more than one.',
      buckets: attemptBuckets,
      value: ({ status, attempt }) => (attempt > 1 && ends[status] ? attempt : undefined),
      attributes: byTask,
    },
    {
      kind: 'histogram',
      name: METRIC_THROUGHLINE_WAIT_DURATION,
      unit: 's',
      description: 'Time a due execution waited for its start.',
      buckets: pauseBuckets,
      value: (event) => event.waitMs / 1_000,
      attributes: ofWait,
    },
    {
      kind: 'histogram',
      name: METRIC_THROUGHLINE_DELAY_DURATION,
      unit: 's',
      description: 'Time an execution was put off by its own delay before its first run.',
      buckets: pauseBuckets,
      value: (event) => inSeconds(event.delayMs),
      attributes: ofWait,
    },
    {
      kind: 'histogram',
      name: METRIC_THROUGHLINE_BACKOFF_DURATION,
      unit: 's',
      description: 'Backoff that was chosen between a failed run and the next.',
      buckets: pauseBuckets,
      value: (event) => inSeconds(event.backoffMs),
      attributes: ofWait,
    },
    {
      kind: 'counter',
      name: METRIC_THROUGHLINE_LOCK_LOST,
      unit: '{message}',
      description: 'Number of runs whose lease was gone when they ended.',
      value: ({ status }) => (status === 'lost' ? 1 : undefined),
      attributes,
    },
    {
      kind: 'histogram',
      name: METRIC_PGCONDUCTOR_CRON_LAG,
      unit: 's',
      description: 'Time from when an occurrence of a schedule was due to its start.',
      buckets: pauseBuckets,
      value: (event) => inSeconds(event.cronLagMs),
      attributes: ofWait,
    },
  ],
);

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
    value: (event) => inSeconds(event.durationMs),
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
