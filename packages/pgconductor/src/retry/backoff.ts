import { demandOption, demandOptions } from '@throughline/core';
import { isPlainObject, isWhole } from '../options/option-checks.ts';

/** The same pause after every failure. */
export interface FixedBackoff {
  readonly type: 'fixed';
  /** Milliseconds from 0. */
  readonly delayMs: number;
  /** Share of the pause that is left to chance, 0 to 1: with 0.25 the pause is 75 to 100 % of `delayMs`. @default 0.25 */
  readonly jitter?: number | undefined;
}

/** A pause that grows with every failure: `delayMs · factor ^ (failures − 1)`, never above `maxDelayMs`. */
export interface ExponentialBackoff {
  readonly type: 'exponential';
  /** After the first failure; milliseconds from 0. @default 10_000 */
  readonly delayMs?: number | undefined;
  /** By which each pause is longer than the one before; from 1. @default 2 */
  readonly factor?: number | undefined;
  /** The longest pause, in milliseconds. @default 3_600_000 */
  readonly maxDelayMs?: number | undefined;
  /** Share of the pause that is left to chance, 0 to 1: with 0.25 the pause is 75 to 100 % of it. @default 0.25 */
  readonly jitter?: number | undefined;
}

/** What a backoff function may look at. */
export interface Failure {
  /** How often the execution has failed, this time included; from 1. */
  readonly failures: number;
  /** What the handler threw. */
  readonly error: unknown;
}

/**
 * How long an execution is put off after a failure: a fixed pause, a growing one, a list of pauses in milliseconds whose
 * last holds for all further failures, or a function that gives milliseconds.
 *
 * A function that throws, or gives what is no number from 0, is answered with the default.
 *
 * @example
 * ```ts
 * import type { BackoffSetting } from '@throughline/pgconductor';
 *
 * const growing: BackoffSetting = { type: 'exponential', delayMs: 1_000, maxDelayMs: 60_000 };
 * const listed: BackoffSetting = [1_000, 30_000, 600_000];
 * const told: BackoffSetting = ({ failures }) => failures * 5_000;
 * ```
 */
export type BackoffSetting =
  | FixedBackoff
  | ExponentialBackoff
  | readonly number[]
  | ((failure: Failure) => number);

/** A {@link BackoffSetting}, checked and complete. Milliseconds only: due times are reckoned by the database's clock. */
export type Backoff =
  | {
      readonly type: 'exponential';
      readonly delayMs: number;
      readonly factor: number;
      readonly maxDelayMs: number;
      readonly jitter: number;
    }
  | { readonly type: 'list'; readonly delaysMs: readonly number[]; readonly jitter: number }
  | { readonly type: 'function'; readonly delayOf: (failure: Failure) => number };

/** About 285 years: what `interval` arithmetic and the date type of both sides still bear. */
export const longestMs = 9e12;
const defaultJitter = 0.25;

/** What holds where a task says nothing: 10 s after the first failure, then twice as long each time, at most an hour. */
export const defaultBackoff: Extract<Backoff, { type: 'exponential' }> = Object.freeze({
  type: 'exponential',
  delayMs: 10_000,
  factor: 2,
  maxDelayMs: 3_600_000,
  jitter: defaultJitter,
});

/**
 * Checks a backoff and fills in its defaults.
 *
 * @param path of the setting, for the message
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function resolveBackoff(path: string, setting: BackoffSetting | undefined): Backoff {
  if (setting === undefined) return defaultBackoff;
  if (typeof setting === 'function') return Object.freeze({ type: 'function', delayOf: setting });
  if (isList(setting)) return resolveList(path, setting);
  demandOption(isPlainObject(setting) && isType(setting.type), path, setting, aBackoff);
  return setting.type === 'fixed' ? resolveFixed(path, setting) : resolveExponential(path, setting);
}

const aBackoff = "{ type: 'fixed' }, { type: 'exponential' }, a list of milliseconds or a function";

function isList(setting: BackoffSetting): setting is readonly number[] {
  return Array.isArray(setting);
}

function isType(type: unknown): boolean {
  return type === 'fixed' || type === 'exponential';
}

/** A list is exact, as it was written: nothing of it is left to chance. */
function resolveList(path: string, delays: readonly number[]): Backoff {
  demandOption(delays.length > 0, path, delays, 'at least one number of milliseconds');
  for (const [index, delay] of delays.entries()) demandDelay(`${path}[${index}]`, delay);
  return Object.freeze({ type: 'list', delaysMs: Object.freeze([...delays]), jitter: 0 });
}

function resolveFixed(path: string, setting: FixedBackoff): Backoff {
  demandOptions(path, setting, { type: true, delayMs: true, jitter: true });
  const { delayMs, jitter = defaultJitter } = setting;
  demandDelay(`${path}.delayMs`, delayMs);
  demandJitter(path, jitter);
  return Object.freeze({ type: 'list', delaysMs: Object.freeze([delayMs]), jitter });
}

function resolveExponential(path: string, setting: ExponentialBackoff): Backoff {
  demandOptions(path, setting, { type: true, delayMs: true, factor: true, maxDelayMs: true, jitter: true });
  const {
    delayMs = defaultBackoff.delayMs,
    factor = defaultBackoff.factor,
    maxDelayMs = defaultBackoff.maxDelayMs,
    jitter = defaultJitter,
  } = setting;
  demandDelay(`${path}.delayMs`, delayMs);
  demandDelay(`${path}.maxDelayMs`, maxDelayMs);
  demandOption(Number.isFinite(factor) && factor >= 1, `${path}.factor`, factor, 'a number from 1');
  demandJitter(path, jitter);
  return Object.freeze({ type: 'exponential', delayMs, factor, maxDelayMs, jitter });
}

function demandDelay(path: string, delay: unknown): void {
  demandOption(isWhole(delay, 0, longestMs), path, delay, `whole milliseconds from 0 to ${longestMs}`);
}

function demandJitter(path: string, jitter: unknown): void {
  const isShare = typeof jitter === 'number' && jitter >= 0 && jitter <= 1;
  demandOption(isShare, `${path}.jitter`, jitter, 'a number from 0 to 1');
}
