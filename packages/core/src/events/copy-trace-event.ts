import type { JsonValue } from '../telemetry/attributes.ts';
import { JsonCopy } from './json-copy.ts';
import { wellFormed } from './json-text.ts';
import { type DraftTraceEvent, draftOf } from './parse-trace-event.ts';
import { Redactor } from './redact.ts';
import type { TraceEventData } from './trace-event.ts';

/** A safe copy of an event, and what making it cost. */
export interface EventCopy {
  readonly event: DraftTraceEvent;
  /** About the size of its JSON text in UTF-8. */
  readonly bytes: number;
  /** Fields that were left out because reading them threw. */
  readonly failures: number;
}

export const defaultMaxDataBytes = 8192;
const noRedaction = /* @__PURE__ */ new Redactor(false);
/** Names and punctuation of the fields outside `data`. */
const frameBytes = 200;
const maxTagBytes = 2048;
/** `"truncated":true`. */
const markBytes = 24;
/** More user keys than this are not weighed against each other when `data` must be cut. */
const maxWeighedKeys = 256;

/** The keys of `data` that stay when it is cut, the shortest and most telling first. */
const reserved: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'outcome',
  'final',
  'attempt',
  'max_attempts',
  'step',
  'compensation',
  'original_span_id',
  'kind',
  'name',
  'entity',
  'error',
  'links',
  'attributes',
  'resource',
] satisfies (keyof TraceEventData)[]);

/**
 * Copies an event into plain, capped, redacted data. A copy made here is recognised and given back as it is.
 *
 * @returns the reason, as a text, when `event` is none
 */
export function copyTraceEvent(
  event: unknown,
  maxDataBytes: number = defaultMaxDataBytes,
  redactor: Redactor = noRedaction,
): EventCopy | string {
  try {
    const bytes = Copied.bytesOf(event);
    if (bytes !== undefined) return { event: event as DraftTraceEvent, bytes, failures: 0 };
    const draft = draftOf(event);
    return typeof draft === 'string' ? draft : copied(draft, maxDataBytes, redactor);
  } catch {
    return 'the event cannot be read';
  }
}

function copied(event: DraftTraceEvent, maxDataBytes: number, redactor: Redactor): EventCopy {
  event.trace_id = wellFormed(event.trace_id);
  event.span_id = wellFormed(event.span_id);
  event.event_type = redactor.eventType(wellFormed(event.event_type));
  event.timestamp = wellFormed(event.timestamp);
  if (event.parent_span_id !== undefined) event.parent_span_id = wellFormed(event.parent_span_id);
  if (event.event_id !== undefined) event.event_id = wellFormed(event.event_id);
  if (event.source !== undefined) event.source = wellFormed(event.source);
  let bytes = frameBytes + event.trace_id.length + event.event_type.length;
  if (event.tags !== undefined) bytes += copyTags(event, event.tags, redactor);
  if (event.data === undefined) return mark(event, bytes, 0);
  const room = maxDataBytes - markBytes;
  const copy = new JsonCopy(room, redactor);
  event.data = copyData(event.data, copy, room, redactor);
  return mark(event, bytes + room - copy.left, copy.failures);
}

function mark(event: DraftTraceEvent, bytes: number, failures: number): EventCopy {
  new Copied(event, bytes);
  return { event, bytes, failures };
}

function copyTags(event: DraftTraceEvent, tags: unknown, redactor: Redactor): number {
  const copy = new JsonCopy(maxTagBytes, redactor);
  const list = copy.value(tags);
  event.tags = Array.isArray(list) ? list.filter((tag) => typeof tag === 'string') : [];
  return maxTagBytes - copy.left;
}

function copyData(data: object, copy: JsonCopy, room: number, redactor: Redactor): TraceEventData {
  try {
    const all = copy.record(data);
    return copy.isCut ? cutData(data, room, redactor) : all;
  } catch {
    copy.failures++;
    return {};
  }
}

/** Reserved keys first, each at most half of what is left; then user keys, smallest first. */
function cutData(data: object, room: number, redactor: Redactor): TraceEventData {
  const kept: Record<string, JsonValue> = {};
  let left = room;
  for (const key of reserved) {
    if (!Object.hasOwn(data, key)) continue;
    const half = left >> 1;
    left -= half - copyField(kept, data, key, half, redactor).left;
  }
  for (const { field, bytes } of weigh(data, left, redactor)) {
    if (bytes > left) break;
    left -= bytes;
    Object.assign(kept, field);
  }
  kept.truncated = true;
  return kept;
}

interface WeighedField {
  readonly field: Record<string, JsonValue>;
  readonly bytes: number;
}

function weigh(data: object, room: number, redactor: Redactor): WeighedField[] {
  const fields: WeighedField[] = [];
  for (const key in data) {
    if (fields.length >= maxWeighedKeys) break;
    if (reserved.has(key) || !Object.hasOwn(data, key)) continue;
    const field: Record<string, JsonValue> = {};
    const copy = copyField(field, data, key, room, redactor);
    if (!copy.isCut) fields.push({ field, bytes: room - copy.left });
  }
  return fields.sort((a, b) => a.bytes - b.bytes);
}

function copyField(
  target: Record<string, JsonValue>,
  data: object,
  key: string,
  room: number,
  redactor: Redactor,
): JsonCopy {
  const copy = new JsonCopy(room, redactor);
  copy.field(target, key, data);
  return copy;
}

/** Returns what it is given, so that a subclass puts its private field on that very object. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what this class is for
    return object;
  }
}

/** Marks events that were copied here. A private field costs 7 ns and cannot be forged; a WeakSet costs 700 ns. */
class Copied extends Given {
  readonly #bytes: number;

  constructor(event: object, bytes: number) {
    super(event);
    this.#bytes = bytes;
  }

  static bytesOf(value: unknown): number | undefined {
    return typeof value === 'object' && value !== null && #bytes in value ? value.#bytes : undefined;
  }
}
