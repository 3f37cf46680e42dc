export type { TelemetryFault, TelemetryHook } from './hostile-telemetry.ts';
export { createHostileTelemetry, telemetryFaults, telemetryHooks } from './hostile-telemetry.ts';
export type { RecordedSpan, RecordedSpanEvent } from './recorded-span.ts';
export type {
  RecordedEvent,
  RecordedMeasurement,
  RecordingTelemetry,
  RecordingTelemetryOptions,
} from './recording-telemetry.ts';
export { createRecordingTelemetry } from './recording-telemetry.ts';
