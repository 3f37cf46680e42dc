import { noopTelemetry, resolveTelemetry, type Telemetry } from '@throughline/core';
import { type Telemetry as HostTelemetry, SpanKind } from 'bullmq';
import { bullmqTelemetry } from '../host-telemetry/bullmq-telemetry.ts';
import { type BullmqSettings, defaultSettings } from './bullmq-settings.ts';
import { carriedBy } from './carried-telemetry.ts';

/**
 * What the drop-in classes take as `telemetry`: a telemetry of Throughline, an object from `bullmqTelemetry()` (which
 * frameworks pass on from one class to another), or an object that somebody else made for BullMQ; BullMQ then uses
 * that one as it always does, and Throughline stays silent.
 */
export type TelemetryOption = Partial<Telemetry> | HostTelemetry;

/** The options of a BullMQ class, with `telemetry` widened to {@link TelemetryOption}. */
export type WithTelemetry<Options> = Omit<Options, 'telemetry'> & {
  /**
   * Where spans, measurements and events go. Read once, at construction.
   *
   * @default nothing is observed, and nothing is spent on it
   */
  readonly telemetry?: TelemetryOption | undefined;
};

/** The options that are read; the others are handed on. */
export interface ReadOptions {
  readonly telemetry?: TelemetryOption | undefined;
  readonly prefix?: string | undefined;
}

/** The telemetry of a drop-in class, and the options for BullMQ's constructor. */
export interface ResolvedOptions {
  /** Guarded; `noopTelemetry` itself when there is nothing to do. */
  readonly telemetry: Telemetry;
  /** Those of `bullmqTelemetry()` when its object was given, else the defaults. */
  readonly settings: BullmqSettings;
  /** With a `telemetry` in BullMQ's shape, so that frameworks which copy options stay traced. */
  readonly opts: ReadOptions | undefined;
}

/** Splits the options of a drop-in class. The caller's object is not changed. */
export function resolveOptions(opts: ReadOptions | undefined): ResolvedOptions {
  const given = opts?.telemetry;
  const carried = carriedBy(given);
  if (carried) return { telemetry: carried.telemetry, settings: carried.settings, opts };
  if (given === undefined || given === null || isMadeForBullmq(given))
    return { telemetry: noopTelemetry, settings: defaultSettings, opts };
  const telemetry = resolveTelemetry(given);
  const host =
    telemetry === noopTelemetry ? undefined : bullmqTelemetry(telemetry, { prefix: prefixOf(opts) });
  return { telemetry, settings: defaultSettings, opts: { ...opts, telemetry: host } };
}

/** BullMQ takes any value, and makes text of it. */
function prefixOf(opts: ReadOptions | undefined): string | undefined {
  return opts?.prefix === undefined ? undefined : String(opts.prefix);
}

function isMadeForBullmq(given: TelemetryOption): given is HostTelemetry {
  try {
    const { tracer, contextManager } = given as Partial<HostTelemetry>;
    return typeof tracer === 'object' && typeof contextManager === 'object';
  } catch {
    return false;
  }
}

/**
 * Whether a drop-in class answers one of BullMQ's own `trace` calls by running the callback alone: it makes its spans
 * on its own, and nothing is traced twice. BullMQ's INTERNAL operations pass when they are asked for.
 */
export function silences(hostTelemetry: unknown, kind: SpanKind): boolean {
  const carried = carriedBy(hostTelemetry);
  return carried !== undefined && !(carried.settings.internalSpans && kind === SpanKind.INTERNAL);
}
