import { Queue, Worker } from '@throughline/bullmq';
import { createOtelTelemetry } from '@throughline/otel';
import { bullmqJobs } from './bullmq-jobs.mjs';
import { registerSdk } from './otel-sdk.mjs';

const end = registerSdk({ sampled: !new URL(import.meta.url).searchParams.has('unsampled') });

export default bullmqJobs({ Queue, Worker, options: { telemetry: createOtelTelemetry() }, end });
