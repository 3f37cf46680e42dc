import type { Carrier } from '../trace-context/carrier.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';
import type { TelemetryEventKind } from './event-kind.ts';

/** Values OpenTelemetry accepts for an attribute; `undefined` is skipped. */
export type AttributeValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[];

/**
 * Flat, low-cardinality facts about a span or a measurement.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/common/#attribute | OpenTelemetry: Attribute}
 */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** A value that JSON can express. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** Structured user data: an object that JSON can express. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** @see {@link https://opentelemetry.io/docs/specs/otel/trace/api/#spankind | OpenTelemetry: SpanKind} */
export type SpanKind = 'internal' | 'producer' | 'consumer' | 'client' | 'server';

/**
 * How a span ended. One table serves every source and every sink:
 *
 * | outcome | stored phase, status | OpenTelemetry status |
 * |---|---|---|
 * | `ok` | completed, success | OK by default, see `successStatus` |
 * | `error` `timeout` `rejected` `dropped` | failed, failed | ERROR with `error.type` |
 * | `retry`: failed, another attempt follows | retrying, failed | ERROR with `throughline.will_retry` |
 * | `lost`: lease or lock gone, the result does not count | stalled, none | ERROR, `error.type=lost` |
 * | `canceled` | canceled, none | UNSET |
 * | `delayed` `rate_limited` `waiting` `released` | suspended, pending | UNSET |
 */
export type SpanOutcome =
  | 'ok'
  | 'error'
  | 'timeout'
  | 'rejected'
  | 'dropped'
  | 'retry'
  | 'lost'
  | 'canceled'
  | 'delayed'
  | 'rate_limited'
  | 'waiting'
  | 'released';

/** Why one span points at another. */
export type SpanRelation =
  | 'produced_by'
  | 'retry_of'
  | 'recovered_from'
  | 'waits_for'
  | 'scheduled_by'
  | 'batch'
  | 'compensates'
  | 'continues';

/**
 * A reference from one span to another, in the same trace or in a different one.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/trace/api/#link | OpenTelemetry: Link}
 */
export interface SpanLink {
  readonly context: TraceContext;
  readonly relation?: SpanRelation | undefined;
  readonly attributes?: Attributes | undefined;
}

/** The piece of work a span is about, in the words by which people look it up. */
export interface WorkEntity {
  /** The system that owns the work: `bullmq`, `pgconductor`, `browser`. */
  readonly system: string;
  /** The qualified queue name. */
  readonly queue?: string | undefined;
  /** The job or task name. */
  readonly name?: string | undefined;
  /** The id within its system and queue: a job id, an execution id. */
  readonly id: string;
  /** Which start of the work this is, from 1. */
  readonly attempt?: number | undefined;
  /** How many failures are allowed. `attempt` may exceed it: starts that did not fail are not failures. */
  readonly maxAttempts?: number | undefined;
}

/** How a span begins. Every field is optional; an empty object is an internal span under the active context. */
export interface SpanOptions {
  /** @default 'internal' */
  readonly kind?: SpanKind | undefined;
  /** `undefined`: the active context. `null`: a new root, as for a consumer without a carrier. */
  readonly parent?: TraceContext | null | undefined;
  readonly links?: readonly SpanLink[] | undefined;
  readonly attributes?: Attributes | undefined;
  /** Milliseconds since the epoch; may have a fraction. @default now */
  readonly startTime?: number | undefined;
  /** What the stored `event_type` begins with: `job`, `task`, `stage:credit`. @default the span name */
  readonly subject?: string | undefined;
  readonly entity?: WorkEntity | undefined;
  /** Structured user data. Event sinks store it after redaction; OpenTelemetry ignores it. */
  readonly data?: JsonObject | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Makes the span a point: stored as this one event, at `end()`; for example `ai:decision`. */
  readonly eventType?: string | undefined;
  /** An identity given by another sink. Only `combineTelemetry` sets it. */
  readonly context?: TraceContext | undefined;
}

/** How a span ends. */
export interface SpanEnd {
  /** @default 'error' when `error` is given, otherwise 'ok'; a point (`eventType`) without either makes no claim */
  readonly outcome?: SpanOutcome | undefined;
  /** The very value that was thrown. */
  readonly error?: unknown;
  /** Milliseconds since the epoch. @default start plus monotonic elapsed time */
  readonly endTime?: number | undefined;
  readonly attributes?: Attributes | undefined;
  readonly data?: JsonObject | undefined;
  readonly tags?: readonly string[] | undefined;
}

/**
 * One piece of work in progress.
 *
 * Implementations MUST accept every call in any order and number, and MUST ignore calls after `end`.
 */
export interface Span {
  /** Put this in a carrier. */
  readonly context: TraceContext;
  /** `false` when nothing that is set on this span goes anywhere. */
  readonly isRecording: boolean;
  /** Names the work when its id is known only after the start. */
  identify(entity: WorkEntity): void;
  setAttributes(attributes: Attributes): void;
  /** @param time milliseconds since the epoch; default now */
  addEvent(name: string, attributes?: Attributes, time?: number): void;
  addLink(link: SpanLink): void;
  /** Runs `fn` exactly once with this span active where the sink has an ambient context, and returns its result. */
  run<T>(fn: () => T): T;
  /** Ends the span. The first call wins. */
  end(end?: SpanEnd): void;
}

/** Writes and reads the context that travels with work. */
export interface Propagation {
  inject(context: TraceContext, carrier: Carrier): void;
  /** Total: any input gives a context or `undefined`. */
  extract(carrier: unknown): TraceContext | undefined;
}

/** A value that is read when metrics are collected. */
export interface ObservedInstrument {
  readonly kind: 'gauge' | 'up_down_counter';
  readonly name: string;
  /** A UCUM unit: `s`, `By`, `{message}`. */
  readonly unit: string;
  readonly description?: string | undefined;
}

/** Called at collection time; reports any number of values through its argument. */
export type ObservedReader = (observe: (value: number, attributes?: Attributes) => void) => void;

/** A span that was made elsewhere, a Web Worker for example, with its ids intact. */
export interface FinishedSpan extends SpanOptions {
  readonly name: string;
  readonly context: TraceContext;
  readonly startTime: number;
  readonly endTime: number;
  readonly outcome: SpanOutcome;
  readonly error?: { readonly type: string; readonly message: string } | undefined;
}

/** The account of an event writer. `accepted = stored + duplicates + spooled + dropped + rejected + buffered`, always. */
export interface WriterStats {
  readonly accepted: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly spooled: number;
  /** Dropped events by reason; the sum of the values is the number dropped. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly rejected: number;
  /** Events in memory, batches in flight included. */
  readonly buffered: number;
}

/** What a flush reached before its deadline. */
export interface FlushResult {
  /** `true`: everything accepted before the call has left. `'unknown'`: the sink cannot tell. */
  readonly complete: boolean | 'unknown';
  readonly reason?: 'timeout' | 'failed' | 'unsupported' | undefined;
  readonly account?: WriterStats | undefined;
}

export interface FlushOptions {
  /** @default 5000 */
  readonly timeoutMs?: number | undefined;
}

/** What a guarded telemetry has to say about itself. */
export interface TelemetryHealth {
  /** Failures by hook name: `startSpan`, `span.end`, … */
  readonly failures: Readonly<Record<string, number>>;
  readonly lastError?: unknown;
  /** Whether work started inside a span can find that span without being handed its context. */
  readonly ambient: boolean;
  /** Carriers that were not believed, by reason. */
  readonly rejectedCarriers: Readonly<Record<string, number>>;
}

/**
 * The port between sources (queues, engines, your code) and sinks (OpenTelemetry, an event store).
 *
 * A source calls it; a sink implements it; neither knows the other. Sources pass what users gave them through
 * {@link resolveTelemetry} once, so that no implementation, however broken, can reach the host.
 */
export interface Telemetry {
  /**
   * Who chooses the ids of spans. `'own'`: this telemetry always does, so it has to come first in `combineTelemetry`.
   * `'given'`: it uses `options.context` of `startSpan` when that is set.
   *
   * @default 'given'
   */
  readonly identity?: 'own' | 'given' | undefined;
  startSpan(name: string, options?: SpanOptions): Span;
  /** What is active in the caller's scope, if the sink can know. */
  activeContext(): TraceContext | undefined;
  /** Runs `fn` exactly once with `context` active; `undefined` detaches from whatever was active. */
  withContext<T>(context: TraceContext | undefined, fn: () => T): T;
  readonly propagation: Propagation;
  /** Hands over one measured occurrence. */
  emitEvent<E extends object>(kind: TelemetryEventKind<E>, event: NoInfer<E>): void;
  /** Registers a reader for collection time. @returns a function that unregisters it */
  observe(instrument: ObservedInstrument, read: ObservedReader): () => void;
  /** Ask before building an expensive payload. */
  isEnabled(signal: 'spans' | 'measurements'): boolean;
  /** Takes spans made elsewhere, ids intact. Absent when the sink cannot. */
  importSpans?(spans: readonly FinishedSpan[]): void;
  flush(options?: FlushOptions): Promise<FlushResult>;
  /** Stops what this telemetry started. Whoever creates a provider or a store closes it. */
  shutdown(options?: FlushOptions): Promise<FlushResult>;
}
