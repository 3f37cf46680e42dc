/**
 * Names from OpenTelemetry's general conventions that are in use here. Stable.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/attributes-registry/ | OpenTelemetry: attribute registry}
 * @module
 */

/** The class of a failure, of few values: an error's name, or an outcome such as `lost`. */
export const ATTR_ERROR_TYPE = 'error.type';
/** Host of the server that was asked. */
export const ATTR_SERVER_ADDRESS = 'server.address';
/** Port of the server that was asked. */
export const ATTR_SERVER_PORT = 'server.port';
