import { Queue, Worker } from 'bullmq';
import { bullmqJobs } from './bullmq-jobs.mjs';
import { enableAmbientContext } from './otel-sdk.mjs';

if (new URL(import.meta.url).searchParams.has('ambient')) enableAmbientContext();

export default bullmqJobs({ Queue, Worker });
