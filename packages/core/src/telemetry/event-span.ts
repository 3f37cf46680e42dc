import { describeError } from '../errors/describe-error.ts';
import type { EmittedEvent } from '../events/event-writer.ts';
import { formatTimestamp } from '../events/timestamp.ts';
import type {
  StoredEntity,
  StoredError,
  StoredLink,
  TraceEventData,
  TraceEventStatus,
} from '../events/trace-event.ts';
import { systemClock } from '../internal/clock.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';
import type { Attributes, JsonObject } from './attributes.ts';
import type { EventTelemetryOptions } from './event-telemetry-options.ts';
import type { Span, SpanEnd, SpanLink, SpanOptions, WorkEntity } from './span.ts';
import { storedOutcome } from './stored-outcome.ts';

type DraftData = { -readonly [K in keyof TraceEventData]: TraceEventData[K] };

/**
 * A span that is stored as events.
 *
 *   every other kind   subject:started ─ subject:progress … ─ subject:<phase of the outcome>
 *   producer           one subject:queued, at its end
 *   point (eventType)  one event of that type, at its end
 *
 * The end is the start plus what a monotonic clock measured, so that the difference of both is the true duration.
 */
export class EventSpan implements Span {
  readonly context: TraceContext;
  readonly #sink: EventTelemetryOptions;
  readonly #parentSpanId: string | undefined;
  readonly #subject: string;
  readonly #isPoint: boolean;
  /** The type of the only event; `undefined` for spans that are written when they start and when they end. */
  readonly #onlyType: string | undefined;
  readonly #startTime: number;
  /** `performance.now()` at `startTime`. */
  readonly #origin: number;
  readonly #started: EmittedEvent | undefined;
  /** What every event says about the work. */
  #work: DraftData | undefined;
  /** What the user adds to the next event. */
  #userData: JsonObject | undefined;
  /** What the next event says besides. */
  #data: DraftData = {};
  #tags: readonly string[] | undefined;
  #isOpen: boolean;

  constructor(
    name: string,
    options: SpanOptions,
    context: TraceContext,
    parent: TraceContext | undefined,
    isRecording: boolean,
    sink: EventTelemetryOptions,
  ) {
    const { kind = 'internal', subject = name, eventType, entity, attributes, links } = options;
    const now = systemClock.now();
    this.context = context;
    this.#sink = sink;
    this.#parentSpanId = parent?.traceId === context.traceId ? parent.spanId : undefined;
    this.#subject = subject;
    this.#isPoint = eventType !== undefined;
    this.#onlyType = eventType ?? (kind === 'producer' ? `${subject}:queued` : undefined);
    this.#startTime = finite(options.startTime) ?? now;
    this.#origin = performance.now() - Math.max(0, now - this.#startTime);
    this.#isOpen = isRecording;
    if (!isRecording) return;
    this.#tags = options.tags;
    this.#userData = options.data;
    this.#data = { name, kind };
    if (entity) this.#work = workData(entity);
    if (attributes) this.setAttributes(attributes);
    for (const link of links ?? []) this.addLink(link);
    if (this.#onlyType === undefined) this.#started = this.#write(`${subject}:started`, this.#startTime);
  }

  get isRecording(): boolean {
    return this.#isOpen;
  }

  identify(entity: WorkEntity): void {
    if (!this.#isOpen || !entity) return;
    this.#work = workData(entity);
    if (this.#onlyType !== undefined || this.#started?.amend(this.#work)) return;
    // The start is on its way already. Open work must be found by its id all the same.
    this.#emit(`${this.#subject}:progress`, this.#time(), { ...this.#work });
  }

  setAttributes(attributes: Attributes): void {
    if (this.#isOpen) this.#data.attributes = { ...this.#data.attributes, ...(attributes as JsonObject) };
  }

  addEvent(name: string, attributes?: Attributes, time: number = this.#time()): void {
    if (!this.#isOpen) return;
    const data = attributes === undefined ? { name } : { name, attributes: attributes as JsonObject };
    if (this.#onlyType === undefined) {
      this.#emit(`${this.#subject}:progress`, time, data);
      return;
    }
    // One event is all there is of this span, so it has to tell this, too.
    const events = (this.#data.events as readonly JsonObject[] | undefined) ?? [];
    this.#data.events = [...events, { ...data, timestamp: formatTimestamp(time) }];
  }

  addLink(link: SpanLink): void {
    // A link to nowhere, as JavaScript makes them, must not cost the span.
    if (this.#isOpen && link?.context) this.#data.links = [...(this.#data.links ?? []), storedLink(link)];
  }

  run<T>(fn: () => T): T {
    return this.#sink.ambient === undefined ? fn() : this.#sink.ambient.run(this.context, fn);
  }

  end(end: SpanEnd = {}): void {
    if (!this.#isOpen) return;
    const { error, outcome } = end;
    if (error === undefined) this.finish(end, undefined);
    else {
      const stored = describeError(error, { stack: this.#sink.recordStacks });
      this.finish(outcome === undefined ? { ...end, outcome: 'error' } : end, stored);
    }
  }

  /** Ends the span with an error that is described already. */
  finish({ outcome, endTime, attributes, data, tags }: SpanEnd, error: StoredError | undefined): void {
    if (!this.#isOpen) return;
    const claimed = outcome ?? (this.#isPoint ? undefined : 'ok');
    const { phase, status, final } = storedOutcome(claimed ?? 'ok');
    const ended = Math.max(this.#startTime, finite(endTime) ?? this.#time());
    if (attributes) this.setAttributes(attributes);
    this.#isOpen = false;
    if (data) this.#userData = { ...this.#userData, ...data };
    if (claimed !== undefined) this.#data.outcome = claimed;
    if (final === false) this.#data.final = false;
    if (error !== undefined) this.#data.error = error;
    if (tags !== undefined) this.#tags = [...(this.#tags ?? []), ...tags];
    if (this.#onlyType === undefined) this.#write(`${this.#subject}:${phase}`, ended, status);
    else this.#writeOnly(this.#onlyType, ended, claimed && status);
  }

  /** What was asked for was there from the start: a send is dated before its work can begin. */
  #writeOnly(type: string, ended: number, status: TraceEventStatus | undefined): void {
    if (ended > this.#startTime) this.#data.duration_ms = Math.round((ended - this.#startTime) * 1000) / 1000;
    this.#write(type, this.#startTime, status);
  }

  /** Writes what was gathered, and begins to gather anew. */
  #write(type: string, time: number, status?: TraceEventStatus): EmittedEvent {
    const data = { ...this.#userData, ...this.#data, ...this.#work };
    const tags = this.#tags;
    this.#userData = this.#tags = undefined;
    this.#data = {};
    return this.#emit(type, time, data, status, tags);
  }

  #emit(
    type: string,
    time: number,
    data: DraftData,
    status?: TraceEventStatus,
    tags?: readonly string[],
  ): EmittedEvent {
    return this.#sink.writer.emit({
      trace_id: this.context.traceId,
      span_id: this.context.spanId,
      parent_span_id: this.#parentSpanId,
      event_type: type,
      timestamp: formatTimestamp(time),
      status,
      data,
      tags,
    });
  }

  #time(): number {
    return this.#startTime + performance.now() - this.#origin;
  }
}

function finite(time: number | undefined): number | undefined {
  return Number.isFinite(time) ? time : undefined;
}

function storedLink({ context, relation }: SpanLink): StoredLink {
  const link = { trace_id: context.traceId, span_id: context.spanId };
  return relation === undefined ? link : { ...link, relation };
}

/** Absent fields are left out rather than `undefined`: the copy that is stored is cheaper to make. */
function workData({ system, queue, name, id, attempt, maxAttempts }: WorkEntity): DraftData {
  const entity: { -readonly [K in keyof StoredEntity]: StoredEntity[K] } = { system, id };
  if (queue !== undefined) entity.queue = queue;
  if (name !== undefined) entity.name = name;
  const data: DraftData = { entity };
  if (attempt !== undefined) data.attempt = attempt;
  if (maxAttempts !== undefined) data.max_attempts = maxAttempts;
  return data;
}
