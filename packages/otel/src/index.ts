export { createOtelTelemetry } from './create-otel-telemetry.ts';
export { createPgConductorTelemetry } from './create-pgconductor-telemetry.ts';
export type { OtelFinding } from './diagnose-otel.ts';
export { diagnoseOtel } from './diagnose-otel.ts';
export type { OtelTelemetryOptions } from './otel-telemetry-options.ts';
