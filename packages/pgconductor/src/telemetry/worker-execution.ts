import {
  type Attributes,
  defineEventKind,
  METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
  METRIC_MESSAGING_PROCESS_DURATION,
  METRIC_THROUGHLINE_BACKOFF_DURATION,
  METRIC_THROUGHLINE_DELAY_DURATION,
  METRIC_THROUGHLINE_LOCK_LOST,
  METRIC_THROUGHLINE_WAIT_DURATION,
  type TelemetryEventKind,
} from '@throughline/core';
import {
  METRIC_PGCONDUCTOR_CRON_LAG,
  METRIC_PGCONDUCTOR_TASK_ATTEMPTS,
  METRIC_PGCONDUCTOR_TASK_DURATION,
} from './attribute-names.ts';
import { type Attributed, attributes, durationBuckets, seconds } from './attributed.ts';

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

/** Executions may wait for minutes or hours, on purpose or not. */
const pauseBuckets = [0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 21_600];
const attemptBuckets = [2, 3, 4, 5, 7, 10, 15, 25, 50];

const byTask = (event: WorkerExecution): Attributes => event.taskAttributes;
const ofWait = (event: WorkerExecution): Attributes => event.waitAttributes;
const inSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
const ends: Readonly<Partial<Record<ExecutionStatus, true>>> = {
  completed: true,
  permanently_failed: true,
  canceled: true,
};

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
