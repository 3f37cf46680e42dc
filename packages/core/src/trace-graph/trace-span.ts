import type {
  StoredEntity,
  StoredError,
  StoredLink,
  TraceEvent,
  TraceEventStatus,
} from '../events/trace-event.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import type { SpanKind } from '../telemetry/span.ts';

/**
 * What a span is.
 *
 * - `work`: it started, or should have; it has a duration once it ended.
 * - `send`: it was queued, and no event says that it started or ended; complete by itself.
 * - `point`: a moment, such as an AI decision; complete by itself.
 * - `missing`: a span that others name as their parent and of which no event arrived.
 */
export type SpanForm = 'work' | 'send' | 'point' | 'missing';

/**
 * How far a span got.
 *
 * - `completed`, `failed`, `canceled`: ended for good.
 * - `retrying`: failed, another attempt follows. `suspended`: put aside, another start follows.
 * - `open`: started and not ended. `interrupted`: lost by its worker, or overtaken by a newer attempt, without an end.
 * - `missing`: no event arrived.
 */
export type SpanState =
  | 'completed'
  | 'failed'
  | 'canceled'
  | 'retrying'
  | 'suspended'
  | 'open'
  | 'interrupted'
  | 'missing';

/**
 * All events of one span, folded into one thing. Made by `createTraceGraph`; properties that need work are computed
 * when read and then kept.
 */
export interface TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  /** The parent in the tree: a real span, a `missing` one, or `undefined` for a root. Never a cycle. */
  readonly parent: TraceSpan | undefined;
  /** The span of another trace that this root continues by link. */
  readonly origin: TraceSpan | undefined;
  /** By start; the undated last. */
  readonly children: readonly TraceSpan[];
  readonly form: SpanForm;
  readonly state: SpanState;
  /** What the events claim; `undefined` when they make no claim. */
  readonly status: TraceEventStatus | undefined;
  /** `data.name`, else the subject. */
  readonly name: string;
  /** What the `event_type` begins with: `job`, `stage:credit`. */
  readonly subject: string;
  readonly kind: SpanKind | undefined;
  /** The work this span is an attempt at, or a send of. */
  readonly entity: StoredEntity | undefined;
  /** Which start of the work this is, from 1. */
  readonly attempt: number | undefined;
  /** How many failures are allowed. */
  readonly maxAttempts: number | undefined;
  readonly error: StoredError | undefined;
  /** `attributes` of all events, later events over earlier ones. */
  readonly attributes: JsonObject;
  readonly tags: readonly string[];
  readonly links: readonly StoredLink[];
  /** A step of a saga: the subject begins with `stage:` or `step:`, or `data.step` is true. */
  readonly isStep: boolean;
  /** The span that this one undoes. */
  readonly originalSpanId: string | undefined;
  /** Milliseconds since the epoch, fractions kept; `undefined` when no event has a valid timestamp. */
  readonly startTime: number | undefined;
  /** Milliseconds since the epoch; `undefined` while open. */
  readonly endTime: number | undefined;
  /** Never negative; `undefined` while open. */
  readonly durationMs: number | undefined;
  /** The event that decided the state: the terminal one, else the first. `undefined` for a `missing` span. */
  readonly event: TraceEvent | undefined;
  /** Queued, started, what came between, end; without duplicates. */
  readonly events: readonly TraceEvent[];
}

/** A span, or its id. An id is looked up in the trace that was asked for first, then in the others. */
export type SpanRef = string | TraceSpan;
