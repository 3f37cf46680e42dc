import { createNoopMeter, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';

/** Where instruments are created. */
export interface MeterSource {
  /** The meter to use for this one call; `undefined` while nothing is registered. */
  current(): Meter | undefined;
  /** What can be asked to flush, when it can be known. */
  provider(): MeterProvider | undefined;
  /** `true` when another meter may answer later. */
  readonly changes: boolean;
}

/** A meter that was given, and the provider it came from when that was given too. */
export function fixedMeter(meter: Meter, provider?: MeterProvider): MeterSource {
  return { current: () => meter, provider: () => provider, changes: false };
}

/**
 * The meter of whichever provider is registered at the time of each call. The API has no proxy for meters: one that
 * is taken before the SDK registers stays silent for ever.
 */
export function globalMeter(scope: string, scopeVersion: string | undefined): MeterSource {
  let provider: MeterProvider | undefined;
  let meter: Meter | undefined;

  function current(): Meter | undefined {
    const registered = metrics.getMeterProvider();
    if (registered !== provider) {
      provider = registered;
      meter = recordingMeter(registered.getMeter(scope, scopeVersion));
    }
    return meter;
  }

  return {
    current,
    provider: () => (current() ? provider : undefined),
    changes: true,
  };
}

/** Never answers: metrics are off, or the telemetry was shut down. */
export const noMeter: MeterSource = { current: () => undefined, provider: () => undefined, changes: false };

/** The meter, unless it is the API's no-op. */
export function recordingMeter(meter: Meter): Meter | undefined {
  return meter === createNoopMeter() ? undefined : meter;
}
