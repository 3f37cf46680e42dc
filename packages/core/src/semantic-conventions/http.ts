/**
 * Names of OpenTelemetry's HTTP conventions by which imported spans are understood: those that are stable since semantic
 * conventions 1.23, and the earlier ones that many applications still write.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/http/http-spans/ | OpenTelemetry: HTTP spans}
 * @see {@link https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/ | OpenTelemetry: HTTP migration}
 * @module
 */

export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method';
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
/** How many times the request was sent before: 1 for the first repetition. */
export const ATTR_HTTP_REQUEST_RESEND_COUNT = 'http.request.resend_count';
/** The route that matched, with its placeholders. */
export const ATTR_HTTP_ROUTE = 'http.route';
export const ATTR_URL_FULL = 'url.full';
export const ATTR_URL_PATH = 'url.path';

/** Before 1.23. */
export const ATTR_HTTP_METHOD = 'http.method';
/** Before 1.23. */
export const ATTR_HTTP_STATUS_CODE = 'http.status_code';
/** Before 1.23: path and query. */
export const ATTR_HTTP_TARGET = 'http.target';
/** Before 1.23. */
export const ATTR_HTTP_URL = 'http.url';
/** Before 1.23. */
export const ATTR_HTTP_RESEND_COUNT = 'http.resend_count';
