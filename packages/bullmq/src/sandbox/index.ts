export type { TraceableJob } from '../consuming/current-job-trace.ts';
export { currentJobTrace } from '../consuming/current-job-trace.ts';
export type { TelemetrySource } from '../settings/port-of.ts';
export { sandboxProcessor } from './sandbox-processor.ts';
