import { context, metrics, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { enableAmbientContext, registerSdk } from './otel-sdk.mjs';
import { pgconductorQueue } from './pgconductor-queue.mjs';
import { postgresDrain } from './postgres-drain.mjs';

/**
 * What is left when nothing but the SDK is paid for: pgconductor without telemetry, whose handler reads a carrier and makes
 * the bare calls of the OpenTelemetry API for the span and the histograms that its telemetry has, up to its own end, since the
 * committed row is out of its sight. Nothing is guarded, no failure is told, no setting is read. No instrumentation with this
 * span, these histograms and this SDK can be cheaper.
 *
 * Its settings: the share that is `sampled`; or `ambient`, for `AsyncLocalStorage` and nothing else.
 */
const settings = new URL(import.meta.url).searchParams;
if (settings.has('ambient')) enableAmbientContext();
else registerSdk({ sampled: Number(settings.get('sampled')) });
const tracer = trace.getTracer('bench');
const meter = metrics.getMeter('bench');
const processDuration = meter.createHistogram('messaging.process.duration', { unit: 's' });
const taskDuration = meter.createHistogram('pgconductor.task.duration', { unit: 's' });
const waitDuration = meter.createHistogram('throughline.wait.duration', { unit: 's' });

const queue = { 'messaging.destination.name': 'default' };
const system = { 'messaging.system': 'pgconductor' };
const task = Object.freeze({ 'pgconductor.task': 'job' });
const processed = Object.freeze({ ...queue, 'messaging.operation.name': 'process', ...system });
const waited = Object.freeze({ ...queue, ...system, ...task });
const processing = Object.freeze({
  ...processed,
  ...task,
  'messaging.operation.type': 'process',
  'pgconductor.queue': 'default',
  'throughline.job.name': 'job',
});
const carrier = '{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00","relation":"link"}';

const nothing = async () => {};

const traced = async (/** @type {unknown} */ _event, /** @type {any} */ ctx) => {
  const startedAt = performance.now();
  const links = [{ context: carried(carrier), attributes: { 'throughline.relation': 'produced_by' } }];
  const start = { kind: SpanKind.CONSUMER, root: true, links, attributes: processing };
  const span = tracer.startSpan('process job', start, ROOT_CONTEXT);
  if (span.isRecording()) span.setAttributes(attributesOf(ctx, links[0]?.context.traceId));
  await context.with(trace.setSpan(context.active(), span), nothing);
  span.setStatus({ code: SpanStatusCode.OK });
  span.end();
  const seconds = (performance.now() - startedAt) / 1_000;
  processDuration.record(seconds, processed);
  taskDuration.record(seconds, task);
  waitDuration.record(seconds, waited);
};

/** @param {any} ctx @param {string | undefined} origin */
function attributesOf({ executionId, attempt }, origin) {
  return {
    'messaging.message.id': executionId,
    'messaging.client.id': 'worker',
    'throughline.attempt': attempt,
    'throughline.max_attempts': 3,
    'pgconductor.execution_id': executionId,
    'pgconductor.attempt': attempt,
    'pgconductor.max_attempts': 3,
    'pgconductor.trigger': 'invoke',
    'throughline.wait.duration': 0,
    'throughline.delay.duration': 0,
    'throughline.origin.trace_id': origin,
    'throughline.relation': 'link',
  };
}

/** The span context in a carrier of that one shape. @param {string} text */
function carried(text) {
  const [, traceId = '', spanId = '', flags = ''] = text.slice('{"traceparent":"'.length, 71).split('-');
  return { traceId, spanId, traceFlags: Number(flags), isRemote: true };
}

const work = settings.has('ambient') ? nothing : traced;

export default postgresDrain((url) => pgconductorQueue(url, { work }), settings);
