import type { JsonObject, JsonValue } from '../telemetry/attributes.ts';
import { copyTraceEvent } from './copy-trace-event.ts';
import { murmurHash3 } from './murmur-hash-3.ts';
import type { TraceEvent } from './trace-event.ts';

const utf8 = /* @__PURE__ */ new TextEncoder();

/**
 * The id of an event: its own, or one derived from its content, so that the same literal appended twice is stored once.
 *
 * The derived id is MurmurHash3 x86-128, seed 0, over the canonical JSON of the encoded event in UTF-8: keys sorted by
 * UTF-16 code units, no blanks, numbers and texts as ECMAScript writes them.
 *
 * @returns 32 lowercase hex digits when derived; for a value that is no event, the same for each kind of flaw
 * @see {@link https://www.rfc-editor.org/rfc/rfc8785 | RFC 8785: JSON Canonicalization Scheme}
 * @example
 * ```ts
 * import { eventId } from '@throughline/core/events';
 *
 * eventId({ trace_id: 'T1', span_id: 'S1', event_type: 'workflow:started', timestamp: '2026-01-31T12:00:00Z' });
 * // '2c345465f6f2958490696377e525f0f5'
 * ```
 */
export function eventId(event: TraceEvent): string {
  const copy = copyTraceEvent(event);
  if (typeof copy === 'string') return murmurHash3(utf8.encode(copy));
  return copy.event_id ?? murmurHash3(utf8.encode(canonicalJson(copy as unknown as JsonObject)));
}

function canonicalJson(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field as JsonValue)}`).join()}}`;
}
