import type { TraceEventPhase, TraceEventStatus } from '../events/trace-event.ts';
import type { SpanOutcome } from './span.ts';

/** How an outcome is stored. */
export interface StoredOutcome {
  readonly phase: TraceEventPhase;
  /** Absent makes no claim. */
  readonly status?: TraceEventStatus;
  /** `false`: the attempt ended, the work did not. */
  readonly final?: false;
}

const failed: StoredOutcome = { phase: 'failed', status: 'failed' };
const suspended: StoredOutcome = { phase: 'suspended', status: 'pending', final: false };

/** The stored side of the table at {@link SpanOutcome}. A word that it does not have ends the work, as a failure. */
export function storedOutcome(outcome: SpanOutcome): StoredOutcome {
  return isOutcome(outcome) ? storedOutcomes[outcome] : failed;
}

/** Whether a word from outside is one of the twelve. */
export function isOutcome(word: unknown): word is SpanOutcome {
  return typeof word === 'string' && Object.hasOwn(storedOutcomes, word);
}

const storedOutcomes: Readonly<Record<SpanOutcome, StoredOutcome>> = {
  ok: { phase: 'completed', status: 'success' },
  error: failed,
  timeout: failed,
  rejected: failed,
  dropped: failed,
  retry: { phase: 'retrying', status: 'failed', final: false },
  lost: { phase: 'stalled' },
  canceled: { phase: 'canceled' },
  delayed: suspended,
  rate_limited: suspended,
  waiting: suspended,
  released: suspended,
};
