import { startRedis } from '@throughline/testkit';
import { subject } from '../harness/subject.mjs';

/**
 * Warm: 5,000 jobs before, 15,000 measured, added and then processed with 50 in flight. The baseline has
 * AsyncLocalStorage switched on, as every application with OpenTelemetry has; plain BullMQ is reported beside it.
 * @appsignal's instrumentation is for BullMQ up to 5, so there is a baseline and one of ours on 5, too. `SDK alone` is the
 * floor: the bare calls of the OpenTelemetry API for the same spans and histograms, without anything around them.
 *
 * @type {import('../harness/report.mjs').Benchmark}
 */
export default {
  title: 'BullMQ: one job, added and processed',
  unit: 'job',
  baseline: 'bare, ambient context on',
  variants: {
    'bare, ambient context on': subject('bullmq-bare', 'ambient'),
    bare: subject('bullmq-bare'),
    'no telemetry': subject('bullmq-noop'),
    'otel, not sampled': subject('bullmq-otel-telemetry', 'unsampled'),
    'otel, sampled, metrics': subject('bullmq-otel-telemetry'),
    'SDK alone, not sampled': subject('bullmq-sdk-alone', 'unsampled'),
    'SDK alone, sampled, metrics': subject('bullmq-sdk-alone'),
    'events into a journal': subject('bullmq-journal'),
    'bullmq-otel, metrics': subject('bullmq-bullmq-otel'),
    'BullMQ 5, ambient context on': subject('bullmq-bare', 'ambient&major=5'),
    'BullMQ 5, otel, metrics': subject('bullmq-otel-telemetry', 'major=5'),
    'BullMQ 5, @appsignal': subject('bullmq-appsignal'),
  },
  baselines: {
    'BullMQ 5, otel, metrics': 'BullMQ 5, ambient context on',
    'BullMQ 5, @appsignal': 'BullMQ 5, ambient context on',
  },
  targets: [
    { variant: 'no telemetry', against: 'bare', atMost: 1.03 },
    { variant: 'otel, not sampled', atMost: 1.12 },
    { variant: 'otel, sampled, metrics', atMost: 1.2 },
    { variant: 'otel, sampled, metrics', against: 'bullmq-otel, metrics', atMost: 0.85 },
    { variant: 'otel, not sampled', against: 'SDK alone, not sampled', atMost: 1.15 },
    { variant: 'otel, sampled, metrics', against: 'SDK alone, sampled, metrics', atMost: 1.15 },
    { variant: 'events into a journal', atMost: 1.3 },
    { variant: 'BullMQ 5, otel, metrics', against: 'BullMQ 5, ambient context on', atMost: 1.2 },
    { variant: 'BullMQ 5, otel, metrics', against: 'BullMQ 5, @appsignal', atMost: 0.85 },
  ],
  async servers() {
    const redis = await startRedis({ own: true });
    return { env: { REDIS_URL: redis.url }, stop: () => redis.stop() };
  },
};
