import { createTraceContext } from '../trace-context/trace-context.ts';
import { failureLogsOf, resolveTelemetry } from './guard.ts';
import type { Telemetry, TelemetryHealth } from './telemetry.ts';

/**
 * What a telemetry has to say about itself: failures by hook, carriers that were not believed by reason, and whether it
 * has an ambient context. Takes the object you passed to a source, or the one a source made of it.
 *
 * Whether the context is ambient is tried out at the moment of the call, because an application may register its
 * context manager late; whether it also survives an `await` cannot be seen synchronously and is not claimed.
 *
 * @example
 * ```ts
 * import { type Telemetry, telemetryHealth } from '@throughline/core';
 *
 * declare const telemetry: Telemetry;
 * const { failures, lastError, ambient } = telemetryHealth(telemetry);
 * if (Object.keys(failures).length > 0) console.error('telemetry is failing', failures, lastError);
 * if (!ambient) console.warn('pass contexts on explicitly');
 * ```
 */
export function telemetryHealth(telemetry: Partial<Telemetry> | null | undefined): TelemetryHealth {
  const guarded = resolveTelemetry(telemetry);
  const ambient = isAmbient(guarded);
  const logs = failureLogsOf(guarded);
  return {
    failures: summed(logs.map((log) => log.failures)),
    lastError: logs.find((log) => log.lastError !== undefined)?.lastError,
    ambient,
    rejectedCarriers: summed(logs.map((log) => log.rejectedCarriers)),
  };
}

function isAmbient(telemetry: Telemetry): boolean {
  const probe = createTraceContext();
  return telemetry.withContext(probe, () => telemetry.activeContext()?.spanId === probe.spanId);
}

function summed(counts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const count of counts) for (const [key, n] of Object.entries(count)) sum[key] = (sum[key] ?? 0) + n;
  return sum;
}
