export type {
  JobAdapterCapabilities,
  JobAdapterHarness,
  JobAdapterUnderTest,
  JobProcessor,
  JobSettlement,
  SentJob,
  StartedJob,
} from './job-adapter/job-adapter-harness.ts';
export { testJobAdapter } from './job-adapter/test-job-adapter.ts';
export type { PropagationHarness } from './propagation/propagation-harness.ts';
export { testPropagation } from './propagation/test-propagation.ts';
export { ConformanceFailedError } from './suite/conformance-failed-error.ts';
export type { SuiteOptions } from './suite/run-suite.ts';
export type { Awaitable, TestFunction } from './suite/test-function.ts';
export type {
  ObservedLink,
  ObservedMeasurement,
  ObservedSpan,
  TelemetryCapabilities,
  TelemetryHarness,
  TelemetryUnderTest,
} from './telemetry/telemetry-harness.ts';
export { testTelemetry } from './telemetry/test-telemetry.ts';
export { testTraceStore } from './trace-store/test-trace-store.ts';
export type { TraceStoreHarness } from './trace-store/trace-store-harness.ts';
