import type { TraceEvent } from '../events/trace-event.ts';
import { createTraceGraph, type TraceGraph } from '../trace-graph/trace-graph.ts';
import { graphToOtlp, type ToOtlpOptions } from './graph-to-otlp.ts';
import type { OtlpTraces } from './otlp-json.ts';

/**
 * Writes events as OTLP/JSON, for any OpenTelemetry backend: the body of a request to `/v1/traces`.
 *
 * The events of a span become one span with its kind, status, attributes, links and span events. Sends are PRODUCER spans,
 * points INTERNAL spans without length. What OpenTelemetry has no field for is an attribute of the name `throughline.*`.
 * Ids that are no W3C ids are replaced by ids derived from them, the same every time. Total: any events give a request;
 * entries that are no events are left out.
 *
 * @param input events of one trace or of several, in any order; or a graph of them
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import type { TraceStore } from '@throughline/core/events';
 * import { toOtlp } from '@throughline/core/otlp';
 *
 * declare const store: TraceStore;
 *
 * const events = await store.getTrace('4bf92f3577b34da6a3ce929d0e0e4736');
 * await fetch('http://localhost:4318/v1/traces', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify(toOtlp(events, { resource: { 'service.name': 'shop' } })),
 * });
 * ```
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#otlphttp-request | OTLP/HTTP request}
 */
export function toOtlp(input: Iterable<TraceEvent> | TraceGraph, options: ToOtlpOptions = {}): OtlpTraces {
  return graphToOtlp('explainFailure' in input ? input : createTraceGraph(input), options);
}
