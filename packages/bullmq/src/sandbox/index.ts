export type { TraceableJob } from '../current-job-trace.ts';
export { currentJobTrace } from '../current-job-trace.ts';
export type { TelemetrySource } from '../port-of.ts';
export { sandboxProcessor } from './sandbox-processor.ts';
