import { Queue, Worker } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { bullmqJobs } from './bullmq-jobs.mjs';
import { registerSdk } from './otel-sdk.mjs';

const end = registerSdk({ sampled: true });
const telemetry = new BullMQOtel({ tracerName: 'bench', enableMetrics: true });

export default bullmqJobs({ Queue, Worker, options: { telemetry }, end });
