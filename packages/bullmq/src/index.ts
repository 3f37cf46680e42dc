export { QueueEvents } from 'bullmq';
export type { BullmqCarrierOptions } from './carrier/bullmq-carrier.ts';
export { bullmqCarrier } from './carrier/bullmq-carrier.ts';
export type { RelatedJob, Relation, RelationSetting } from './carrier/relation.ts';
export type { TraceableJob } from './consuming/current-job-trace.ts';
export { currentJobTrace } from './consuming/current-job-trace.ts';
export type { ObservableWorker } from './consuming/observe-worker.ts';
export { observeWorker } from './consuming/observe-worker.ts';
export type { FetchedJob } from './consuming/run-fetched-job.ts';
export { runFetchedJob } from './consuming/run-fetched-job.ts';
export type { WorkerOptions } from './consuming/worker.ts';
export { Worker } from './consuming/worker.ts';
export { wrapProcessor } from './consuming/wrap-processor.ts';
export type { DoctorOptions } from './doctor/doctor.ts';
export { doctor } from './doctor/doctor.ts';
export type { DoctorFinding, DoctorReport } from './doctor/doctor-report.ts';
export { formatDoctorReport } from './doctor/doctor-report.ts';
export type { Examinable } from './doctor/examined-host.ts';
export { bullmqTelemetry } from './host-telemetry/bullmq-telemetry.ts';
export type { JobOccurrence, JobProcessed, JobPutOff, JobsSent } from './job/job-events.ts';
export {
  jobBackedOff,
  jobDelayed,
  jobLockLost,
  jobProcessed,
  jobStalled,
  jobsSent,
} from './job/job-events.ts';
export type { JobTelemetryOptions } from './job/observed-job.ts';
export type { FlowProducerOptions } from './producing/flow-producer.ts';
export { FlowProducer } from './producing/flow-producer.ts';
export { jobRelation } from './producing/job-relation.ts';
export type { QueueOptions } from './producing/queue.ts';
export { Queue } from './producing/queue.ts';
export type { ObservableQueue } from './queue-observation/observe-queue.ts';
export { observeQueue } from './queue-observation/observe-queue.ts';
export type { ObserveQueueOptions, QueueState } from './queue-observation/observe-queue-options.ts';
export type { QueuePollFailed } from './queue-observation/queue-poll-failed.ts';
export { queuePollFailed } from './queue-observation/queue-poll-failed.ts';
export type { QuietableRedis } from './quiet-redis.ts';
export { quietRedis } from './quiet-redis.ts';
export type { BullmqTelemetryOptions } from './settings/bullmq-settings.ts';
export type { Capture, CaptureOptions } from './settings/capture.ts';
export type { TelemetrySource } from './settings/port-of.ts';
export type { TelemetryOption, WithTelemetry } from './settings/telemetry-option.ts';
