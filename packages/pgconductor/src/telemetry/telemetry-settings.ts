import { demandOption, demandOptions, isRelation } from '@throughline/core';
import type { RelationSetting } from './relation.ts';

/** What is told to the `telemetry` of a conductor, and how: its option `telemetryOptions`. */
export interface TelemetryOptions {
  /**
   * Whether an execution continues the trace of the code that invoked it, or starts one that links to it. What the conductor
   * of the orchestrator is told wins over what the sender asked for, unless it is `auto`.
   *
   * @default 'auto'
   */
  readonly relation?: RelationSetting | undefined;
  /** From how many items on an invocation of many is a fan-out, which `auto` links. `Infinity` for never. @default 2 */
  readonly bulkThreshold?: number | undefined;
  /**
   * How many milliseconds after its invocation a run may be due and still continue the trace of its sender under `auto`;
   * later it links, be it for its delay or for its retries and sleeps. `Infinity` for any number.
   *
   * @default 60_000
   */
  readonly delayThresholdMs?: number | undefined;
  /**
   * Whether the message of an error goes along with its type. Whatever the application writes into its messages leaves the
   * process.
   *
   * @default true
   */
  readonly errorMessages?: boolean | undefined;
  /**
   * Pause between two counts of the queues, by one orchestrator for all of a database; milliseconds from 100 to 86,400,000.
   * When counting takes long, it counts less often.
   *
   * @default 15_000
   */
  readonly depthIntervalMs?: number | undefined;
}

/** {@link TelemetryOptions}, every one of them decided. */
export type TelemetrySettings = {
  readonly [Name in keyof TelemetryOptions]-?: Exclude<TelemetryOptions[Name], undefined>;
};

const known = {
  relation: true,
  bulkThreshold: true,
  delayThresholdMs: true,
  errorMessages: true,
  depthIntervalMs: true,
} as const satisfies Record<keyof TelemetryOptions, true>;
const aRelation = "'parent', 'link', 'auto' or a function that returns one of them";
const longestIntervalMs = 86_400_000;

/**
 * Decides every setting, once; the caller's object may change later.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a value that cannot be meant, and for a setting that does not
 * exist
 */
export function resolveTelemetryOptions(options: TelemetryOptions = {}): TelemetrySettings {
  demandOptions(path, options, known);
  const {
    relation = 'auto',
    bulkThreshold = 2,
    delayThresholdMs = 60_000,
    errorMessages = true,
    depthIntervalMs = 15_000,
  } = options;
  demand(isRelation(relation) || typeof relation === 'function', 'relation', relation, aRelation);
  demand(isFrom(1, bulkThreshold), 'bulkThreshold', bulkThreshold, 'a number from 1');
  demand(isFrom(0, delayThresholdMs), 'delayThresholdMs', delayThresholdMs, 'milliseconds from 0');
  demand(typeof errorMessages === 'boolean', 'errorMessages', errorMessages, 'true or false');
  const isInterval = isFrom(100, depthIntervalMs) && depthIntervalMs <= longestIntervalMs;
  demand(isInterval, 'depthIntervalMs', depthIntervalMs, `milliseconds from 100 to ${longestIntervalMs}`);
  return Object.freeze({ relation, bulkThreshold, delayThresholdMs, errorMessages, depthIntervalMs });
}

const path = 'Conductor.telemetryOptions';

function demand(isMet: boolean, name: string, received: unknown, expected: string): void {
  demandOption(isMet, `${path}.${name}`, received, expected);
}

/** Also false for text that looks like a number, and for NaN. */
function isFrom(least: number, value: unknown): boolean {
  return typeof value === 'number' && value >= least;
}
