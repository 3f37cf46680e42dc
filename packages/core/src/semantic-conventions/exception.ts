/**
 * Names of OpenTelemetry's conventions for exceptions, recorded as a span event. Stable.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/ | OpenTelemetry: exceptions on spans}
 * @module
 */

/** The name of the span event. */
export const EXCEPTION_EVENT = 'exception';
/** The class of the error. */
export const ATTR_EXCEPTION_TYPE = 'exception.type';
/** What the error says. */
export const ATTR_EXCEPTION_MESSAGE = 'exception.message';
/** Where it was thrown. */
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace';
