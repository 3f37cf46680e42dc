import type { TraceContext } from '../trace-context/trace-context.ts';
import type { Attributes, JsonObject } from './attributes.ts';

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
 * One piece of work in progress. The numbers go on from those of `Telemetry`.
 *
 * 17. MUST accept every call in any order and number, and any value as an error, and never throw anything but what `fn`
 *     of `run` throws.
 */
export interface Span {
  /**
   * Put this in a carrier.
   *
   * 18. MUST be the same as long as the span exists.
   */
  readonly context: TraceContext;
  /**
   * `false` when nothing that is set on this span goes anywhere.
   *
   * 19. MUST be `false` once the span has ended.
   */
  readonly isRecording: boolean;
  /**
   * Names the work when its id is known only after the start.
   *
   * 20. MUST be recorded as if given at the start; or ignored, when the sink does not record entities.
   */
  identify(entity: WorkEntity): void;
  /** 21. MUST add to what was set before; of two values of one key the later stays. */
  setAttributes(attributes: Attributes): void;
  /**
   * 22. MUST record the point with its name and time, in order.
   *
   * @param time milliseconds since the epoch; default now
   */
  addEvent(name: string, attributes?: Attributes, time?: number): void;
  /** 23. MUST record the link with its relation, beside those given at the start. */
  addLink(link: SpanLink): void;
  /**
   * Runs `fn` exactly once with this span active where the sink has an ambient context, and returns its result.
   *
   * 24. MUST call `fn` once, before it returns, and give its very result or throw its very error, also after `end`.
   */
  run<T>(fn: () => T): T;
  /**
   * Ends the span. The first call wins.
   *
   * 25. MUST record what the first call says and ignore every call after it.
   * 26. MUST record the outcome: the one given, else `'error'` when an error is given, else `'ok'`; a point without either
   *     makes no claim. An error is recorded with its message.
   * 27. MUST record the end time it is given, else the start plus the time that has passed, and never one before the start.
   */
  end(end?: SpanEnd): void;
}

/** A span that was made elsewhere, a Web Worker for example, with its ids intact. */
export interface FinishedSpan extends SpanOptions {
  readonly name: string;
  readonly context: TraceContext;
  readonly startTime: number;
  readonly endTime: number;
  readonly outcome: SpanOutcome;
  readonly error?: { readonly type: string; readonly message: string } | undefined;
}
