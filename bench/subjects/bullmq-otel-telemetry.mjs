import { createOtelTelemetry } from '@throughline/otel';
import { bullmqJobs } from './bullmq-jobs.mjs';
import { dropInsOf } from './bullmq-major.mjs';
import { registerSdk } from './otel-sdk.mjs';

const settings = new URL(import.meta.url).searchParams;
const end = registerSdk({ sampled: !settings.has('unsampled') });
const { Queue, Worker } = await dropInsOf(settings);

export default bullmqJobs({ Queue, Worker, options: { telemetry: createOtelTelemetry() }, end });
