import { resolveTelemetry, type Telemetry } from '@throughline/core';
import type { Telemetry as HostTelemetry } from 'bullmq';
import { type BullmqSettings, defaultSettings } from './bullmq-settings.ts';
import { carriedBy } from './carried-telemetry.ts';

/** What the functions of this package take as telemetry: one of Throughline, or what `bullmqTelemetry()` made of it. */
export type TelemetrySource = Partial<Telemetry> | HostTelemetry | undefined;

/**
 * The guarded telemetry behind what a user gave; the same one for the same object.
 *
 * @throws TelemetryInvalidError for what is neither
 */
export function portOf(source: TelemetrySource): Telemetry {
  return carriedBy(source)?.telemetry ?? resolveTelemetry(source as Partial<Telemetry> | undefined);
}

/** The settings that came with what a user gave; the defaults for a telemetry by itself. */
export function settingsOf(source: TelemetrySource): BullmqSettings {
  return carriedBy(source)?.settings ?? defaultSettings;
}
