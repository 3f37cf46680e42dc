import type { Telemetry } from '@throughline/core';
import { createOtelTelemetry } from './create-otel-telemetry.ts';
import type { OtelTelemetryOptions } from './otel-telemetry-options.ts';

/**
 * {@link createOtelTelemetry} with the instrumentation scope `pgconductor`, for the option `telemetry` of a conductor. It
 * does and takes nothing else.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { createPgConductorTelemetry } from '@throughline/otel';
 * import { Conductor } from '@throughline/pgconductor';
 *
 * const conductor = Conductor.create({
 *   connectionString: 'postgres://localhost/app',
 *   telemetry: createPgConductorTelemetry(),
 * });
 * ```
 */
export function createPgConductorTelemetry(options: Omit<OtelTelemetryOptions, 'scope'> = {}): Telemetry {
  return createOtelTelemetry({ ...options, scope: 'pgconductor' });
}
