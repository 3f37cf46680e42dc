import { BullMQInstrumentation } from '@appsignal/opentelemetry-instrumentation-bullmq';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { bullmqJobs } from './bullmq-jobs.mjs';
import { bullmqOf } from './bullmq-major.mjs';
import { registerSdk } from './otel-sdk.mjs';

const end = registerSdk({ sampled: true });
registerInstrumentations({ instrumentations: [new BullMQInstrumentation()] });

// It supports BullMQ up to 5, and patches the module when it is first required.
export default bullmqJobs({ ...bullmqOf(new URLSearchParams({ major: '5' })), end });
