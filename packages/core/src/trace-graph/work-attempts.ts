import type { StoredEntity } from '../events/trace-event.ts';
import type { SpanState, TraceSpan } from './trace-span.ts';

/** Everything that was done about one piece of work: one job, one task. */
export interface WorkAttempts {
  readonly entity: StoredEntity;
  /** By attempt number, then by start. */
  readonly attempts: readonly TraceSpan[];
  /** What sent it, by start. */
  readonly sends: readonly TraceSpan[];
  /** The state of the latest attempt. `open` when it was sent and nobody has started it. */
  readonly state: SpanState;
  /** The latest attempt; `undefined` when nobody has started it. */
  readonly latest: TraceSpan | undefined;
  /** How many attempts failed. `attempts.length` counts the starts. */
  readonly failures: number;
  /** How many failures are allowed. */
  readonly maxAttempts: number | undefined;
}
