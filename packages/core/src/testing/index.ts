export type { FailureMatch, SpanMatch, TextMatch, TraceExpectations } from './expect-trace.ts';
export { expectTrace } from './expect-trace.ts';
export type { TelemetryFault, TelemetryHook } from './hostile-telemetry.ts';
export { createHostileTelemetry, telemetryFaults, telemetryHooks } from './hostile-telemetry.ts';
export { loanSagaFixture } from './loan-saga-fixture.ts';
export { loanSagaSpanId, loanSagaStory } from './loan-saga-story.ts';
export type { RecordedSpan, RecordedSpanEvent } from './recorded-span.ts';
export type {
  RecordedEvent,
  RecordedMeasurement,
  RecordingTelemetry,
  RecordingTelemetryOptions,
} from './recording-telemetry.ts';
export { createRecordingTelemetry } from './recording-telemetry.ts';
export { TraceAssertionError } from './trace-assertion-error.ts';
