import type { Telemetry, TraceContext } from '@throughline/core';

/**
 * The context in the carrier of a job, also where one of these wrote it:
 *
 * | who | what | where |
 * |---|---|---|
 * | Sentry's object for BullMQ | `<trace id>-<span id>-<sampled>`, no JSON | `opts.telemetry.metadata` |
 * | `@appsignal/opentelemetry-instrumentation-bullmq` | `traceparent`, `tracestate` | the job's options themselves |
 */
export function contextIn(telemetry: Telemetry, carrier: unknown): TraceContext | undefined {
  return telemetry.propagation.extract(sentryCarrier(carrier) ?? carrier);
}

/** @see {@link https://develop.sentry.dev/sdk/foundations/trace-propagation/#header-sentry-trace | Sentry: sentry-trace} */
const sentryTrace = /^([\da-f]{32})-([\da-f]{16})(?:-([01]))?$/;

/** As W3C Trace Context. Undecided sampling counts as sampled: the trace may still be kept. */
function sentryCarrier(carrier: unknown): { readonly traceparent: string } | undefined {
  if (typeof carrier !== 'string' || carrier.startsWith('{')) return undefined;
  const [, traceId, spanId, sampled] = sentryTrace.exec(carrier) ?? [];
  return traceId === undefined ? undefined : { traceparent: `00-${traceId}-${spanId}-0${sampled ?? 1}` };
}

/** The carrier that instrumentation has put between the options of a job. */
export function carrierAmongOptions(opts: object | undefined): unknown {
  const { traceparent, tracestate } = (opts ?? {}) as Readonly<Record<string, unknown>>;
  return traceparent === undefined ? undefined : { traceparent, tracestate };
}
