import type { Telemetry } from '@throughline/core';
import type { BullmqSettings } from './bullmq-settings.ts';

/** Registered, so that two copies of this package know each other's objects. */
const key: unique symbol = Symbol.for('throughline.bullmq.telemetry.v1') as never;

/** What a BullMQ-shaped telemetry object of ours brings along. */
export interface CarriedTelemetry {
  readonly telemetry: Telemetry;
  readonly settings: BullmqSettings;
}

/** The same object with `carried` in it. The property is enumerable: a copy of the object carries it too. */
export function carrying<Host extends object>(host: Host, carried: CarriedTelemetry): Host {
  return Object.assign(host, { [key]: carried });
}

/** What {@link carrying} put there; `undefined` for any other value. */
export function carriedBy(value: unknown): CarriedTelemetry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return (value as { readonly [key]?: CarriedTelemetry })[key];
  } catch {
    return undefined; // An object that throws when it is looked at is none of ours.
  }
}
