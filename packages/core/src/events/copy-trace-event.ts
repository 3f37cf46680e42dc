import type { JsonValue } from '../telemetry/attributes.ts';
import { JsonCopy } from './json-copy.ts';
import { wellFormed } from './json-text.ts';
import { type DraftTraceEvent, draftOf } from './parse-trace-event.ts';
import { Redactor } from './redact.ts';
import type { TraceEventData } from './trace-event.ts';

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

/** Copies events into plain, capped, redacted data. */
export class EventCopier {
  readonly #room: number;
  readonly #redactor: Redactor;
  /** Fields that were left out because reading them threw. */
  failures = 0;
  /** About the size of the latest copy as JSON in UTF-8. */
  bytes = 0;

  constructor(maxDataBytes: number, redactor: Redactor) {
    this.#room = maxDataBytes - markBytes;
    this.#redactor = redactor;
  }

  /**
   * The copy has its ids and its type as they were given: see {@link sealed}, and `Redactor.eventType`.
   *
   * @returns the reason, as a text, when `event` is none
   */
  copy(event: unknown): DraftTraceEvent | string {
    try {
      const draft = draftOf(event);
      if (typeof draft !== 'string') this.#copyFields(draft);
      return draft;
    } catch {
      return 'the event cannot be read';
    }
  }

  #copyFields(draft: DraftTraceEvent): void {
    const { data, tags } = draft;
    let bytes = frameBytes + draft.trace_id.length + draft.event_type.length;
    if (tags !== undefined) bytes += copyTags(draft, tags, this.#redactor);
    if (data !== undefined) {
      const json = new JsonCopy(this.#room, this.#redactor);
      draft.data = copyData(data, json, this.#room, this.#redactor);
      bytes += this.#room - json.left;
      this.failures += json.failures;
    }
    this.bytes = bytes;
  }
}

/**
 * Copies an event into the form in which stores keep it. A copy that was sealed before is given back as it is.
 *
 * @returns the reason, as a text, when `event` is none
 */
export function copyTraceEvent(
  event: unknown,
  maxDataBytes: number = defaultMaxDataBytes,
): DraftTraceEvent | string {
  if (Sealed.is(event)) return event as DraftTraceEvent;
  const copy = new EventCopier(maxDataBytes, noRedaction).copy(event);
  return typeof copy === 'string' ? copy : sealed(copy);
}

/** Ends the making of a copy: makes its texts well-formed, and marks it as one that was made here. */
export function sealed(event: DraftTraceEvent): DraftTraceEvent {
  if (Sealed.is(event)) return event;
  event.trace_id = wellFormed(event.trace_id);
  event.span_id = wellFormed(event.span_id);
  event.event_type = wellFormed(event.event_type);
  event.timestamp = wellFormed(event.timestamp);
  if (event.parent_span_id !== undefined) event.parent_span_id = wellFormed(event.parent_span_id);
  if (event.event_id !== undefined) event.event_id = wellFormed(event.event_id);
  if (event.source !== undefined) event.source = wellFormed(event.source);
  // Returned, not only made: a bundler that follows no constructor drops a `new` whose result nobody uses.
  return new Sealed(event) as object as DraftTraceEvent;
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
class Sealed extends Given {
  readonly #isSealed = true;

  static is(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #isSealed in value;
  }
}
