import { systemClock } from '../internal/clock.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';
import type { Attributes, JsonObject } from './attributes.ts';
import { resolveTelemetry } from './guard.ts';
import type { SpanLink, SpanOutcome, WorkEntity } from './span.ts';
import type { Telemetry } from './telemetry.ts';

/** What is known about a point in time. */
export interface RecordEventOptions {
  /** `undefined`: the active context. `null`: a root of its own. */
  readonly parent?: TraceContext | null | undefined;
  readonly entity?: WorkEntity | undefined;
  /** Absent makes no claim. */
  readonly status?: 'success' | 'failed' | 'pending' | undefined;
  /** Milliseconds since the epoch. @default now */
  readonly time?: number | undefined;
  readonly data?: JsonObject | undefined;
  readonly attributes?: Attributes | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly links?: readonly SpanLink[] | undefined;
}

const outcomes: Readonly<Record<'success' | 'failed' | 'pending', SpanOutcome>> = {
  success: 'ok',
  failed: 'error',
  pending: 'waiting',
};

/**
 * Records that something happened at one point in time: a decision, a state change, a compensation that begins.
 *
 * An event store keeps one event of this type; OpenTelemetry gets a zero-length INTERNAL span of this name with the same
 * ids, so that a reader can go from one to the other.
 *
 * @param eventType `subject:phase`, with a free word as phase: `ai:decision`, `saga:compensating`
 * @returns the context of the point, for links to it
 * @example
 * ```ts
 * import { recordEvent, type Telemetry } from '@throughline/core';
 *
 * declare const telemetry: Telemetry;
 *
 * recordEvent(telemetry, 'ai:decision', {
 *   status: 'success',
 *   data: { decision: 'approve', confidence: 0.91, reasoning: 'income covers the rate' },
 * });
 * ```
 */
export function recordEvent(
  telemetry: Partial<Telemetry> | null | undefined,
  eventType: string,
  options: RecordEventOptions = {},
): TraceContext {
  const { status, time = systemClock.now(), ...rest } = options;
  const span = resolveTelemetry(telemetry).startSpan(eventType, { ...rest, eventType, startTime: time });
  span.end({ outcome: status && outcomes[status], endTime: time });
  return span.context;
}
