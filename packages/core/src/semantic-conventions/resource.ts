/**
 * Names of OpenTelemetry's conventions for resources by which one process is told from another.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/resource/ | OpenTelemetry: resource conventions}
 * @module
 */

/** What the process is an instance of. */
export const ATTR_SERVICE_NAME = 'service.name';
/** Where the name of the service is unique. */
export const ATTR_SERVICE_NAMESPACE = 'service.namespace';
/** Which instance of the service this is. */
export const ATTR_SERVICE_INSTANCE_ID = 'service.instance.id';
/** The machine. */
export const ATTR_HOST_NAME = 'host.name';
/** The process on that machine. */
export const ATTR_PROCESS_PID = 'process.pid';
