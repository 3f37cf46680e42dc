export { QueueEvents } from 'bullmq';
export type { BullmqCarrierOptions } from './bullmq-carrier.ts';
export { bullmqCarrier } from './bullmq-carrier.ts';
export type { BullmqTelemetryOptions } from './bullmq-settings.ts';
export { bullmqTelemetry } from './bullmq-telemetry.ts';
export type { Capture, CaptureOptions } from './capture.ts';
export type { TraceableJob } from './current-job-trace.ts';
export { currentJobTrace } from './current-job-trace.ts';
export type { DoctorOptions } from './doctor.ts';
export { doctor } from './doctor.ts';
export type { DoctorFinding, DoctorReport } from './doctor-report.ts';
export { formatDoctorReport } from './doctor-report.ts';
export type { Examinable } from './examined-host.ts';
export type { FlowProducerOptions } from './flow-producer.ts';
export { FlowProducer } from './flow-producer.ts';
export type { JobOccurrence, JobProcessed, JobPutOff, JobsSent } from './job-events.ts';
export {
  jobBackedOff,
  jobDelayed,
  jobLockLost,
  jobProcessed,
  jobStalled,
  jobsSent,
} from './job-events.ts';
export { jobRelation } from './job-relation.ts';
export type { ObservableQueue, ObserveQueueOptions, QueueState } from './observe-queue.ts';
export { observeQueue } from './observe-queue.ts';
export type { ObservableWorker } from './observe-worker.ts';
export { observeWorker } from './observe-worker.ts';
export type { JobTelemetryOptions } from './observed-job.ts';
export type { TelemetrySource } from './port-of.ts';
export type { QueueOptions } from './queue.ts';
export { Queue } from './queue.ts';
export type { QueuePollFailed } from './queue-poll-failed.ts';
export { queuePollFailed } from './queue-poll-failed.ts';
export type { QuietableRedis } from './quiet-redis.ts';
export { quietRedis } from './quiet-redis.ts';
export type { RelatedJob, Relation, RelationSetting } from './relation.ts';
export type { FetchedJob } from './run-fetched-job.ts';
export { runFetchedJob } from './run-fetched-job.ts';
export type { TelemetryOption, WithTelemetry } from './telemetry-option.ts';
export type { WorkerOptions } from './worker.ts';
export { Worker } from './worker.ts';
export { wrapProcessor } from './wrap-processor.ts';
