import { demandOption, demandOptions } from '@throughline/core';
import { demandName } from '../options/demand-name.ts';
import { isWhole } from '../options/option-checks.ts';
import { type Backoff, type BackoffSetting, resolveBackoff } from '../retry/backoff.ts';
import { type ResolvedTimeWindow, resolveTimeWindow, type TimeWindow } from '../schedule/time-window.ts';
import { type Retention, resolveRetention } from './retention.ts';

/** Several executions to one call of the handler. */
export interface BatchSetting {
  /** The most executions of one call; 1 to 10,000. */
  readonly size: number;
  /** How long the first of them waits for others, in milliseconds from 0. @default 1_000 */
  readonly timeoutMs?: number | undefined;
}

/** How a task is executed. Settings hold for executions that start after an orchestrator with them has. */
export interface TaskSettings<
  Name extends string = string,
  Batch extends BatchSetting | undefined = BatchSetting | undefined,
> {
  /** 1 to 255 characters, without NUL; unique in a database schema. */
  readonly name: Name;
  /** Where its executions wait. @default that of the definition, else 'default' */
  readonly queue?: string | undefined;
  /** How often an execution may fail before it has failed for good; 1 to 32,767. @default 3 */
  readonly maxAttempts?: number | undefined;
  /** How long it is put off after a failure. @default 10 s, then twice as long each time, at most an hour */
  readonly backoff?: BackoffSetting | undefined;
  /**
   * How many executions run at a time, in all processes together, for each key by itself where there is a
   * `concurrencyKey`; 1 to 1,000,000.
   *
   * @default no limit but that of the orchestrators
   */
  readonly concurrency?: number | undefined;
  /**
   * The field of the payload by which `concurrency` is counted, with dots for what lies deeper: `tenant`, `order.customerId`.
   * Executions without that field share one count.
   *
   * @default one count for the whole task
   */
  readonly concurrencyKey?: string | undefined;
  /** When executions may start. What is due outside waits until it opens. @default always */
  readonly window?: TimeWindow | undefined;
  /** Gives the handler several executions at once. @default one by one */
  readonly batch?: Batch | undefined;
  /** How long one run may take, in milliseconds from 1; after that its signal aborts and it has failed. @default no limit */
  readonly timeoutMs?: number | undefined;
  /** What becomes of completed executions: removed at once, kept for ever, or for some days. @default { days: 7 } */
  readonly removeOnComplete?: Retention | undefined;
  /** What becomes of those that failed for good or were cancelled. @default { days: 30 } */
  readonly removeOnFail?: Retention | undefined;
}

/** {@link TaskSettings}, checked, and every one of them decided; `undefined` where there is no such limit. */
export interface ResolvedTaskSettings {
  readonly name: string;
  /** `undefined`: that of the definition, else `default`. */
  readonly queue: string | undefined;
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly concurrency: number | undefined;
  /** Keys from the outermost to the innermost. */
  readonly concurrencyKey: readonly string[] | undefined;
  readonly window: ResolvedTimeWindow | undefined;
  readonly batch: { readonly size: number; readonly timeoutMs: number } | undefined;
  readonly timeoutMs: number | undefined;
  /** For how many milliseconds completed executions are kept: 0 not at all, `Infinity` for ever. */
  readonly keepCompletedMs: number;
  /** The same for those that failed for good or were cancelled. */
  readonly keepFailedMs: number;
}

const longestTimerMs = 2_147_483_647;
const known = {
  name: true,
  queue: true,
  maxAttempts: true,
  backoff: true,
  concurrency: true,
  concurrencyKey: true,
  window: true,
  batch: true,
  timeoutMs: true,
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/**
 * Decides every setting of a task, once; the caller's object may change later.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a value that cannot be meant, and for a setting that does
 * not exist
 */
export function resolveTaskSettings(settings: TaskSettings): ResolvedTaskSettings {
  demandOptions('createTask', settings, known);
  const {
    name,
    queue,
    maxAttempts = 3,
    backoff,
    concurrency,
    concurrencyKey,
    window,
    batch,
    timeoutMs,
  } = settings;
  const { removeOnComplete = { days: 7 }, removeOnFail = { days: 30 } } = settings;
  demandName('createTask.name', name);
  if (queue !== undefined) demandName('createTask.queue', queue);
  demandWhole('maxAttempts', maxAttempts, 1, 32_767);
  if (concurrency !== undefined) demandWhole('concurrency', concurrency, 1, 1_000_000);
  if (timeoutMs !== undefined) demandWhole('timeoutMs', timeoutMs, 1, longestTimerMs);
  return Object.freeze({
    name,
    queue,
    maxAttempts,
    backoff: resolveBackoff('createTask.backoff', backoff),
    concurrency,
    concurrencyKey: resolveKey(concurrencyKey, concurrency),
    window: window === undefined ? undefined : resolveTimeWindow('createTask.window', window),
    batch: batch === undefined ? undefined : resolveBatch(batch),
    timeoutMs,
    keepCompletedMs: resolveRetention('createTask.removeOnComplete', removeOnComplete),
    keepFailedMs: resolveRetention('createTask.removeOnFail', removeOnFail),
  });
}

function demandWhole(name: string, value: unknown, least: number, most: number): void {
  demandOption(
    isWhole(value, least, most),
    `createTask.${name}`,
    value,
    `a whole number from ${least} to ${most}`,
  );
}

function resolveKey(key: string | undefined, concurrency: number | undefined): readonly string[] | undefined {
  if (key === undefined) return undefined;
  demandName('createTask.concurrencyKey', key);
  demandOption(
    concurrency !== undefined,
    'createTask.concurrency',
    concurrency,
    'how many executions of one `concurrencyKey` may run at a time',
  );
  const fields = key.split('.');
  demandOption(
    !fields.includes(''),
    'createTask.concurrencyKey',
    key,
    'names of fields, with single dots between them',
  );
  return Object.freeze(fields);
}

function resolveBatch(batch: BatchSetting): { readonly size: number; readonly timeoutMs: number } {
  demandOptions('createTask.batch', batch, { size: true, timeoutMs: true });
  const { size, timeoutMs = 1_000 } = batch;
  demandWhole('batch.size', size, 1, 10_000);
  demandWhole('batch.timeoutMs', timeoutMs, 0, longestTimerMs);
  return Object.freeze({ size, timeoutMs });
}
