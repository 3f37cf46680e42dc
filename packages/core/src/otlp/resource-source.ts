import { ATTR_THROUGHLINE_SOURCE } from '../semantic-conventions/otlp.ts';
import {
  ATTR_HOST_NAME,
  ATTR_PROCESS_PID,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_NAMESPACE,
} from '../semantic-conventions/resource.ts';
import type { JsonObject } from '../telemetry/attributes.ts';

/**
 * The clock domain of a process, as far as its resource tells it from others: service, instance, host, process id. Two
 * instances of one service that say nothing but their service's name count as one.
 */
export function sourceOf(resource: JsonObject): string | undefined {
  const stated = resource[ATTR_THROUGHLINE_SOURCE];
  if (typeof stated === 'string' && stated !== '') return stated;
  const parts = [
    ATTR_SERVICE_NAMESPACE,
    ATTR_SERVICE_NAME,
    ATTR_SERVICE_INSTANCE_ID,
    ATTR_HOST_NAME,
    ATTR_PROCESS_PID,
  ].flatMap((name) => {
    const value = resource[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : [];
  });
  return parts.length > 0 ? parts.join(':').slice(0, maxLength) : undefined;
}

/** What a reader of events takes as a source. */
const maxLength = 1024;
