import { bullmqJobs } from './bullmq-jobs.mjs';
import { bullmqOf } from './bullmq-major.mjs';
import { enableAmbientContext } from './otel-sdk.mjs';

const settings = new URL(import.meta.url).searchParams;
if (settings.has('ambient')) enableAmbientContext();

export default bullmqJobs(bullmqOf(settings));
