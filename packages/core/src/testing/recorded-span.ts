import type { Attributes, JsonObject } from '../telemetry/attributes.ts';
import type {
  Span,
  SpanEnd,
  SpanKind,
  SpanLink,
  SpanOptions,
  SpanOutcome,
  WorkEntity,
} from '../telemetry/span.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';

/** A point that was added to a recorded span. */
export interface RecordedSpanEvent {
  readonly name: string;
  readonly attributes: Attributes;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** A span as it stands: everything that was set until now. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: TraceContext;
  /** The context it was started under; absent for a root. */
  readonly parent?: TraceContext | undefined;
  readonly links: readonly SpanLink[];
  readonly attributes: Attributes;
  readonly events: readonly RecordedSpanEvent[];
  readonly data: JsonObject;
  readonly tags: readonly string[];
  readonly subject?: string | undefined;
  readonly eventType?: string | undefined;
  readonly entity?: WorkEntity | undefined;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  /** Milliseconds since the epoch; absent while the span is open. */
  readonly endTime?: number | undefined;
  /** Absent while the span is open, and for a point that makes no claim. */
  readonly outcome?: SpanOutcome | undefined;
  /** The very value that was given to `end`. */
  readonly error?: unknown;
}

/** A record in the hands of who writes it. */
export type WritableRecord = { -readonly [field in keyof RecordedSpan]: RecordedSpan[field] };

/** The record of a span at its start. */
export function startRecord(
  name: string,
  options: SpanOptions,
  context: TraceContext,
  parent: TraceContext | undefined,
): WritableRecord {
  return {
    name,
    kind: options.kind ?? 'internal',
    context,
    parent,
    links: [...(options.links ?? [])],
    attributes: { ...options.attributes },
    events: [],
    data: { ...options.data },
    tags: [...(options.tags ?? [])],
    subject: options.subject,
    eventType: options.eventType,
    entity: options.entity,
    startTime: options.startTime ?? Date.now(),
  };
}

/** Writes what happens to a span into its record. */
export class RecordingSpan implements Span {
  readonly #record: WritableRecord;
  readonly #activate: <T>(context: TraceContext, fn: () => T) => T;

  constructor(record: WritableRecord, activate: <T>(context: TraceContext, fn: () => T) => T) {
    this.#record = record;
    this.#activate = activate;
  }

  get context(): TraceContext {
    return this.#record.context;
  }

  get isRecording(): boolean {
    return this.#record.endTime === undefined;
  }

  identify(entity: WorkEntity): void {
    if (this.isRecording) this.#record.entity = entity;
  }

  setAttributes(attributes: Attributes): void {
    if (this.isRecording) this.#record.attributes = { ...this.#record.attributes, ...attributes };
  }

  addEvent(name: string, attributes: Attributes = {}, time: number = Date.now()): void {
    if (this.isRecording) this.#record.events = [...this.#record.events, { name, attributes, time }];
  }

  addLink(link: SpanLink): void {
    if (this.isRecording) this.#record.links = [...this.#record.links, link];
  }

  run<T>(fn: () => T): T {
    return this.#activate(this.context, fn);
  }

  end({ outcome, error, endTime = Date.now(), attributes, data, tags = [] }: SpanEnd = {}): void {
    if (!this.isRecording) return;
    const record = this.#record;
    record.attributes = { ...record.attributes, ...attributes };
    record.data = { ...record.data, ...data };
    record.tags = [...record.tags, ...tags];
    record.error = error;
    record.outcome = outcome ?? (error !== undefined ? 'error' : record.eventType ? undefined : 'ok');
    // A clock may have been set back in between.
    record.endTime = endTime < record.startTime ? record.startTime : endTime;
  }
}
