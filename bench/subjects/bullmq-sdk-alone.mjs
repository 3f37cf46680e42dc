import { context, metrics, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Queue as BullQueue, Worker as BullWorker } from 'bullmq';
import { bullmqJobs } from './bullmq-jobs.mjs';
import { registerSdk } from './otel-sdk.mjs';

/**
 * What is left when nothing but the SDK is paid for: BullMQ's classes, a carrier in the options of the job, and the bare
 * calls of the OpenTelemetry API for the spans and histograms that `otel, sampled, metrics` has. No failure is told, no
 * setting is read, nothing is guarded. It is no instrumentation, but no instrumentation with these spans, these
 * histograms and this SDK can be cheaper.
 */
const settings = new URL(import.meta.url).searchParams;
const end = registerSdk({ sampled: !settings.has('unsampled') });
const tracer = trace.getTracer('bench');
const meter = metrics.getMeter('bench');
const operationDuration = meter.createHistogram('messaging.client.operation.duration', { unit: 's' });
const processDuration = meter.createHistogram('messaging.process.duration', { unit: 's' });
const waitDuration = meter.createHistogram('throughline.wait.duration', { unit: 's' });

const sending = Object.freeze({
  'messaging.destination.name': 'jobs',
  'messaging.operation.name': 'send',
  'messaging.operation.type': 'send',
  'messaging.system': 'bullmq',
});
const processing = Object.freeze({
  'messaging.destination.name': 'jobs',
  'messaging.operation.name': 'process',
  'messaging.system': 'bullmq',
});

/** @type {WeakMap<object, import('@opentelemetry/api').Span>} */
const processSpans = new WeakMap();

/** @param {number} startedAt */
const secondsSince = (startedAt) => (performance.now() - startedAt) / 1_000;

class Queue extends BullQueue {
  /** @override @param {any} name @param {any} data @param {any} opts */
  async addJob(name, data, opts) {
    const startedAt = performance.now();
    const attributes = { ...sending, 'throughline.job.name': name };
    const span = tracer.startSpan('send jobs', { kind: SpanKind.PRODUCER, attributes });
    const { traceId, spanId, traceFlags } = span.spanContext();
    const metadata = `{"traceparent":"00-${traceId}-${spanId}-0${traceFlags}"}`;
    const job = await super.addJob(name, data, { ...opts, telemetry: { metadata } });
    span.setAttribute('messaging.message.id', job.id ?? '');
    span.setStatus({ code: SpanStatusCode.OK });
    span.end();
    operationDuration.record(secondsSince(startedAt), sending);
    return job;
  }
}

class Worker extends BullWorker {
  /** @override @param {any} job @param {any} token @param {any} fetchNext */
  async processJob(job, token, fetchNext) {
    const startedAt = performance.now();
    const attributes = {
      ...processing,
      'messaging.operation.type': 'process',
      'messaging.message.id': job.id,
      'messaging.client.id': this.id,
      'throughline.job.name': job.name,
      'throughline.attempt': job.attemptsStarted,
      'throughline.max_attempts': job.opts.attempts,
      'throughline.wait.duration': (job.processedOn - job.timestamp) / 1_000,
    };
    const parent = trace.setSpanContext(ROOT_CONTEXT, carried(job.opts.telemetry.metadata));
    const span = tracer.startSpan('process jobs', { kind: SpanKind.CONSUMER, attributes }, parent);
    processSpans.set(job, span);
    const next = await super.processJob(job, token, fetchNext);
    span.setStatus({ code: SpanStatusCode.OK });
    span.end();
    processDuration.record(secondsSince(startedAt), processing);
    waitDuration.record((job.processedOn - job.timestamp) / 1_000, processing);
    return next;
  }

  /** @override @param {any} job @param {any} token @param {any} signal */
  callProcessJob(job, token, signal) {
    const span = processSpans.get(job);
    const call = () => super.callProcessJob(job, token, signal);
    return span ? context.with(trace.setSpan(context.active(), span), call) : call();
  }
}

/** The span context in a carrier that was written above. @param {string} metadata */
function carried(metadata) {
  const [, traceId = '', spanId = '', flags = ''] = metadata.slice('{"traceparent":"'.length, -2).split('-');
  return { traceId, spanId, traceFlags: Number(flags), isRemote: true };
}

export default bullmqJobs({ Queue, Worker, end });
