import {
  demandOption,
  demandOptions,
  isRelation,
  OptionInvalidError,
  type Relation,
  type TraceContext,
} from '@throughline/core';
import { demandSqlClient, type SqlClient } from '../database/sql-client.ts';
import { demandName } from '../options/demand-name.ts';
import { isPlainObject, isWhole } from '../options/option-checks.ts';

/** How one execution is enqueued. */
export interface InvokeOptions {
  /** Not before then; a moment in the past is now. @default now */
  readonly runAt?: Date | undefined;
  /** Not before so many milliseconds have passed by the database's clock; 0 to 9,000,000,000,000. @default 0 */
  readonly delayMs?: number | undefined;
  /** Lower comes first; -2,147,483,648 to 2,147,483,647. @default 0 */
  readonly priority?: number | undefined;
  /**
   * At most one execution of the task with this key waits, and at most one runs. While one waits, another invocation
   * replaces its payload, time, priority and trace, and answers with its id. While one runs, sleeps or waits for
   * something, the last invocation that came is kept beside it and takes its place when it is over. 1 to 255 characters.
   */
  readonly dedupeKey?: string | undefined;
  /** The first invocation of a window counts, further ones answer `null`. */
  readonly throttle?: ThrottleOptions | undefined;
  /**
   * Waits until no further invocation has come for a while; only the last payload counts. Without `throttle`, `dedupeKey`,
   * `runAt` and `delayMs`.
   */
  readonly debounce?: DebounceOptions | undefined;
  /** The span that the invocation is a part of, where telemetry cannot know. @default what is active */
  readonly trace?: TraceContext | undefined;
  /** Whether the execution continues the trace or links to it. @default `relation` of the conductor's `telemetryOptions` */
  readonly relation?: Relation | undefined;
}

/** At most one invocation in so many milliseconds. */
export interface ThrottleOptions {
  readonly windowMs: number;
  /** Invocations with another key have windows of their own. @default one window for the task */
  readonly key?: string | undefined;
}

/** The last one of a burst of invocations. */
export interface DebounceOptions {
  /** How long after the last invocation it runs. */
  readonly delayMs: number;
  /** Invocations with another key are bursts of their own. It is a `dedupeKey`. @default one burst for the task */
  readonly key?: string | undefined;
}

/** How all of them are enqueued together. */
export interface InvokeManyOptions {
  /**
   * A transaction of yours, the `tx` of `sql.begin`: the executions exist when it commits, and never when it does not.
   *
   * @default a statement of its own
   */
  readonly sql?: SqlClient | undefined;
}

/** An item of the function `invoke` in the database. */
export interface InvokeRow {
  readonly run_at?: string | undefined;
  readonly delay_ms?: number | undefined;
  readonly priority?: number | undefined;
  readonly dedupe_key?: string | undefined;
  readonly throttle_key?: string | undefined;
  readonly throttle_ms?: number | undefined;
}

const longestMs = 9e12;
const aContext = 'a trace context: ctx.trace, or one of createTraceContext or parseTraceparent';
const someRelations = "'parent', 'link' or 'auto'";
const known = {
  runAt: true,
  delayMs: true,
  priority: true,
  dedupeKey: true,
  throttle: true,
  debounce: true,
  trace: true,
  relation: true,
} as const satisfies Record<keyof InvokeOptions, true>;

const nothing: InvokeRow = Object.freeze({});

const everyOption = { ...known, sql: true } as const satisfies Record<keyof GivenOptions, true>;

/** Options of one invocation, and of all together. */
export type GivenOptions = InvokeOptions & InvokeManyOptions;

/**
 * What was given after the payload, told apart.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function readOptions(options: GivenOptions | undefined): {
  readonly sql: SqlClient | undefined;
  readonly own: InvokeOptions | undefined;
} {
  if (options === undefined) return { sql: undefined, own: undefined };
  demandOptions('invoke', options, everyOption);
  const { sql, ...own } = options;
  if (sql !== undefined) demandSqlClient('invoke.sql', sql);
  return { sql, own };
}

/**
 * Checks the options of one invocation and writes them as the database takes them.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function invokeRow(path: string, options: InvokeOptions | undefined): InvokeRow {
  if (options === undefined) return nothing;
  demandOptions(path, options, known);
  const { runAt, delayMs, priority, dedupeKey, throttle, debounce, trace, relation } = options;
  if (delayMs !== undefined) demandMs(`${path}.delayMs`, delayMs, 0);
  if (priority !== undefined)
    demandOption(
      isWhole(priority, -(2 ** 31), 2 ** 31 - 1),
      `${path}.priority`,
      priority,
      'a whole number of 32 bits',
    );
  if (dedupeKey !== undefined) demandName(`${path}.dedupeKey`, dedupeKey);
  if (throttle !== undefined) demandThrottle(`${path}.throttle`, throttle);
  if (debounce !== undefined) demandDebounce(path, options, debounce);
  if (trace !== undefined) demandOption(isContext(trace), `${path}.trace`, trace, aContext);
  if (relation !== undefined) demandOption(isRelation(relation), `${path}.relation`, relation, someRelations);
  return {
    run_at: runAt === undefined ? undefined : dateText(`${path}.runAt`, runAt, delayMs),
    delay_ms: debounce?.delayMs ?? delayMs,
    priority,
    dedupe_key: debounce === undefined ? dedupeKey : (debounce.key ?? 'debounce'),
    throttle_key: throttle === undefined ? undefined : (throttle.key ?? ''),
    throttle_ms: throttle?.windowMs,
  };
}

/** Also that of a run that nobody traces, all zero. */
function isContext(trace: object): boolean {
  return (
    isPlainObject(trace) &&
    typeof Reflect.get(trace, 'traceId') === 'string' &&
    typeof Reflect.get(trace, 'spanId') === 'string'
  );
}

function demandMs(path: string, value: unknown, least: number): void {
  const isDuration = typeof value === 'number' && value >= least && value <= longestMs;
  demandOption(isDuration, path, value, `milliseconds from ${least} to ${longestMs}`);
}

function dateText(path: string, date: unknown, delayMs: number | undefined): string {
  demandOption(delayMs === undefined, path, date, 'either this or delayMs');
  const isDate = date instanceof Date && Math.abs(date.getTime()) <= longestMs;
  if (!isDate) throw new OptionInvalidError(path, date, 'a valid Date before the year 2255');
  return date.toISOString();
}

function demandThrottle(path: string, throttle: ThrottleOptions): void {
  demandOption(isPlainObject(throttle), path, throttle, '{ windowMs, key? }');
  demandOptions(path, throttle, { windowMs: true, key: true });
  demandMs(`${path}.windowMs`, throttle.windowMs, 1);
  if (throttle.key !== undefined) demandName(`${path}.key`, throttle.key);
}

function demandDebounce(path: string, options: InvokeOptions, debounce: DebounceOptions): void {
  const { dedupeKey, runAt, delayMs, throttle } = options;
  const isAlone = [dedupeKey, runAt, delayMs, throttle].every((one) => one === undefined);
  demandOption(
    isAlone,
    `${path}.debounce`,
    debounce,
    'it without throttle, and without dedupeKey, runAt and delayMs, which it decides itself',
  );
  demandOption(isPlainObject(debounce), `${path}.debounce`, debounce, '{ delayMs, key? }');
  demandOptions(`${path}.debounce`, debounce, { delayMs: true, key: true });
  demandMs(`${path}.debounce.delayMs`, debounce.delayMs, 1);
  if (debounce.key !== undefined) demandName(`${path}.debounce.key`, debounce.key);
}
