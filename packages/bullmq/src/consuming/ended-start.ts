import type { SpanOutcome, TraceContext } from '@throughline/core';

/** A start that is over, in the words that the next start of the same job asks for. */
export interface EndedStart {
  /** `undefined` when nothing of its span was recorded. */
  readonly context: TraceContext | undefined;
  readonly attempt: number;
  readonly outcome: SpanOutcome;
  /** How often the job had stalled when this start began. */
  readonly stalls: number;
  /** When the next start is due, ms since the epoch; `undefined` when it is due at once. */
  readonly dueAt: number | undefined;
  /** Monotonic, ms. */
  readonly startedAt: number;
}
