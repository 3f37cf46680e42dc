import { demandOption, demandOptions, isRelation } from '@throughline/core';
import type { RelationSetting } from '../carrier/relation.ts';
import { type CaptureOptions, type CaptureSettings, resolveCapture } from './capture.ts';

/** How {@link bullmqTelemetry} and all that is given its object behave. */
export interface BullmqTelemetryOptions {
  /**
   * Key prefix of the queues, as given to BullMQ. It is part of the queue's name in stored events, and BullMQ does not
   * tell it to a telemetry object.
   *
   * @default 'bull'
   */
  readonly prefix?: string | undefined;
  /**
   * Whether BullMQ's INTERNAL operations (`complete`, `extendLocks`, `moveStalledJobsToWait`, `pause` …) become spans,
   * too. Several of them run per job or on a timer.
   *
   * @default false
   */
  readonly internalSpans?: boolean | undefined;
  /**
   * Whether a job continues the trace of the code that added it, or starts one that links to it. The setting of the
   * worker wins over that of the queue, and over what a job says of itself.
   *
   * @default 'auto'
   */
  readonly relation?: RelationSetting | undefined;
  /**
   * From how many jobs on an `addBulk` is a fan-out, whose jobs `auto` links. `Infinity` for never.
   *
   * @default 2
   */
  readonly bulkThreshold?: number | undefined;
  /**
   * Above how many milliseconds of scheduled delay `auto` links. `Infinity` for never.
   *
   * @default 60_000
   */
  readonly delayThresholdMs?: number | undefined;
  /**
   * `'bullmq-otel'` keeps dashboards alive that were built on bullmq-otel: spans have its names (`add mail.welcome`) and
   * BullMQ's attributes (`bullmq.job.id` …) beside ours, and BullMQ's metrics (`bullmq.jobs.completed` …) are measured
   * beside ours. For the time of the change; it costs a second set of everything.
   *
   * @default 'throughline'
   */
  readonly names?: 'throughline' | 'bullmq-otel' | undefined;
  /**
   * What of data, results and errors may be told. BullMQ's options, progress, log lines and return values of children are
   * never told.
   *
   * @default types and messages of errors, nothing else
   */
  readonly capture?: CaptureOptions | undefined;
}

/** {@link BullmqTelemetryOptions}, every one of them decided. */
export type BullmqSettings = {
  readonly [Name in Exclude<keyof BullmqTelemetryOptions, 'capture'>]-?: Exclude<
    BullmqTelemetryOptions[Name],
    undefined
  >;
} & { readonly capture: CaptureSettings };

/**
 * Decides every setting, once, and the caller's object may change later.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a value that cannot be meant, and for a setting that does
 * not exist
 */
export function resolveSettings(options: BullmqTelemetryOptions = {}): BullmqSettings {
  demandOptions('bullmqTelemetry', options, known);
  const {
    prefix = 'bull',
    internalSpans = false,
    relation = 'auto',
    bulkThreshold = 2,
    delayThresholdMs = 60_000,
    names = 'throughline',
    capture,
  } = options;
  demand(typeof prefix === 'string', 'prefix', prefix, 'a string');
  demand(typeof internalSpans === 'boolean', 'internalSpans', internalSpans, 'true or false');
  demand(isRelation(relation) || typeof relation === 'function', 'relation', relation, aRelation);
  demand(isFrom(1, bulkThreshold), 'bulkThreshold', bulkThreshold, 'a number from 1');
  demand(isFrom(0, delayThresholdMs), 'delayThresholdMs', delayThresholdMs, 'milliseconds from 0');
  demand(names === 'throughline' || names === 'bullmq-otel', 'names', names, someNames);
  return Object.freeze({
    prefix,
    internalSpans,
    relation,
    bulkThreshold,
    delayThresholdMs,
    names,
    capture: resolveCapture(capture),
  });
}

const known: Readonly<Record<keyof BullmqTelemetryOptions, true>> = {
  prefix: true,
  internalSpans: true,
  relation: true,
  bulkThreshold: true,
  delayThresholdMs: true,
  names: true,
  capture: true,
};
const aRelation = "'parent', 'link', 'auto' or a function that returns one of them";
const someNames = "'throughline' or 'bullmq-otel'";

function demand(isMet: boolean, name: string, received: unknown, expected: string): void {
  demandOption(isMet, `bullmqTelemetry.${name}`, received, expected);
}

/** Also false for text that looks like a number, and for NaN. */
function isFrom(least: number, value: unknown): boolean {
  return typeof value === 'number' && value >= least;
}

/** What holds where nobody said anything. */
export const defaultSettings: BullmqSettings = resolveSettings();
