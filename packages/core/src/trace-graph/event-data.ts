import type { StoredEntity, StoredError, StoredLink } from '../events/trace-event.ts';
import type { SpanRelation } from '../telemetry/span.ts';

/*
 * Events come out of stores and files, so `data` is what somebody wrote, not what the type says. These readers take
 * what has the right shape and leave the rest.
 */

type Fields = Readonly<Record<string, unknown>>;

export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value itself when it has the right shape, so that the common case allocates nothing. */
export function asEntity(value: unknown): StoredEntity | undefined {
  const fields = asFields(value);
  const id = asText(fields?.id);
  if (fields === undefined || id === undefined) return undefined;
  const { system, queue, name } = fields;
  if (typeof system === 'string' && isTextOrAbsent(queue) && isTextOrAbsent(name))
    return value as StoredEntity;
  return { system: asText(system) ?? '', queue: asText(queue), name: asText(name), id };
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** The cause chain is cut at its 32nd link, so that a chain without end cannot be followed for ever. */
export function asError(value: unknown, depth = 32): StoredError | undefined {
  if (typeof value === 'string') return { type: 'Error', message: value };
  const fields = asFields(value);
  if (fields === undefined || depth === 0) return undefined;
  return {
    type: asText(fields.type) ?? 'Error',
    message: asText(fields.message) ?? '',
    code: asText(fields.code),
    stack: asText(fields.stack),
    cause: asError(fields.cause, depth - 1),
  };
}

export function asLink(value: unknown): StoredLink | undefined {
  const fields = asFields(value);
  const traceId = asText(fields?.trace_id);
  const spanId = asText(fields?.span_id);
  if (traceId === undefined || spanId === undefined) return undefined;
  return {
    trace_id: traceId,
    span_id: spanId,
    relation: asText(fields?.relation) as SpanRelation | undefined,
  };
}
