import type { Telemetry } from '@throughline/core';
import { demand } from '../suite/demand.ts';
import type { CaseWorld, ConformanceCase } from '../suite/run-suite.ts';
import type { SeededRandom } from '../suite/seeded-random.ts';
import type {
  ObservedMeasurement,
  ObservedSpan,
  TelemetryCapabilities,
  TelemetryHarness,
} from './telemetry-harness.ts';

/** A case of the telemetry suite. */
export type TelemetryCase = ConformanceCase<TelemetryWorld, keyof TelemetryCapabilities>;

/** What a case of the telemetry suite works with. */
export interface TelemetryWorld {
  readonly telemetry: Telemetry;
  readonly random: SeededRandom;
  /** Everything that has ended, after a flush. */
  spans(): Promise<readonly ObservedSpan[]>;
  /** The one span of that name. */
  span(name: string): Promise<ObservedSpan>;
  /** The values of one instrument. */
  measured(name: string): Promise<readonly ObservedMeasurement[]>;
}

export async function openTelemetryWorld(
  harness: TelemetryHarness,
  random: SeededRandom,
): Promise<TelemetryWorld & CaseWorld> {
  const opened = await harness.open();
  const { telemetry } = opened;

  async function spans(): Promise<readonly ObservedSpan[]> {
    await telemetry.flush();
    return opened.spans();
  }

  return {
    telemetry,
    random,
    spans,
    async span(name) {
      const found = (await spans()).filter((span) => span.name === name);
      const [span] = found;
      demand(
        span !== undefined && found.length === 1,
        `there are ${found.length} spans named ${name}, not one`,
      );
      return span;
    },
    async measured(name) {
      await telemetry.flush();
      demand(
        opened.measurements !== undefined,
        'open() gives no measurements: say capabilities.measurements is false',
      );
      return (await opened.measurements()).filter((measurement) => measurement.name === name);
    },
    async close() {
      try {
        await telemetry.shutdown({ timeoutMs: 500 });
        await opened.close?.();
      } catch {
        // A telemetry that cannot be stopped fails the cases about stopping.
      }
    },
  };
}
