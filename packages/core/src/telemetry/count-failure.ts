import { failureLogsOf } from './guard.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Counts a failure that is not the telemetry's own: for sources that call functions of their users about telemetry, and
 * go on without an answer when one throws. It is read with `telemetryHealth(telemetry).failures`, and the first failure
 * of a telemetry is reported.
 *
 * @param telemetry from `resolveTelemetry`; the no-op counts nothing
 * @param hook what failed, one of few words of the source: `bullmq.relation`
 * @example
 * ```ts
 * import { countFailure, type Telemetry } from '@throughline/core';
 *
 * export function nameOf(telemetry: Telemetry, name: () => string): string {
 *   try {
 *     return name();
 *   } catch (error) {
 *     countFailure(telemetry, 'mailer.name', error);
 *     return 'unnamed';
 *   }
 * }
 * ```
 */
export function countFailure(telemetry: Telemetry, hook: string, error: unknown): void {
  failureLogsOf(telemetry)[0]?.count(hook, error);
}
