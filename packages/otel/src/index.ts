export { createOtelTelemetry } from './create-otel-telemetry.ts';
export type { OtelTelemetryOptions } from './otel-telemetry-options.ts';
