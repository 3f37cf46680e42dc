import { ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_STATUS_CODE } from '../semantic-conventions/http.ts';
import type { ImportedSpan } from './imported-span.ts';

/**
 * Server spans that answered 400 or more to a client that failed with it.
 *
 * OpenTelemetry leaves the status of a server unset at 4xx, since the server may be right. Yet it did not go on and
 * complete what failed inside it: it passed the failure on, and the span of the client says so.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status | OpenTelemetry: HTTP spans, status}
 */
export function refusedRequests(spans: readonly ImportedSpan[]): ReadonlySet<ImportedSpan> {
  const failedCalls = new Set(
    spans
      .filter(({ kind, status }) => kind === 'client' && status === 'error')
      .map(({ traceId, spanId }) => traceId + spanId),
  );
  return new Set(
    spans.filter(
      ({ kind, status, traceId, parentSpanId, attributes }) =>
        kind === 'server' &&
        status === 'unset' &&
        Number(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] ?? attributes[ATTR_HTTP_STATUS_CODE]) >= 400 &&
        failedCalls.has(`${traceId}${parentSpanId}`),
    ),
  );
}
