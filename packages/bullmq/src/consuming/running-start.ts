import type { Span, SpanOutcome } from '@throughline/core';
import type { ObservedJob } from '../job/observed-job.ts';
import type { TracedQueue } from '../job/traced-queue.ts';
import type { FailureReason } from './failure-reason.ts';

/**
 * One start of a job as those see it who only find it, whichever copy of this package began it: what may be asked of it, and
 * what it is told. The first word that ends it wins.
 */
export interface RunningStart {
  readonly span: Span;
  readonly queue: TracedQueue;
  /** The job, once it is known. */
  readonly job: ObservedJob | undefined;
  readonly isSettled: boolean;

  /** Names the job of a span that was started before the job was known. */
  identify(job: ObservedJob): void;

  /** Calls the processor, with the span active. @param signal what BullMQ gives it to learn of a cancellation */
  runProcessor<T>(call: () => T, signal: AbortSignal | undefined): T;

  /**
   * A job that was handed back ends here; a failure is kept, for the case that BullMQ tells less of it or nothing. The
   * first one counts: what is thrown while BullMQ moves the failed job is not why the job failed.
   */
  threw(error: unknown): void;

  /** BullMQ is about to move a job that failed or was handed back. A rate limit it may still refuse. */
  threwBeforeMove(error: unknown): void;

  /** BullMQ has done so. Of all else than a rate limit it tells itself. */
  moved(): void;

  completed(): void;

  failed(error: unknown, willRetry: boolean): void;

  handedBack(outcome: SpanOutcome): void;

  /** Somebody else may have the job by now; the processor may still be running. */
  lockLost(): void;

  /** BullMQ refused what became of the job. A refusal that leaves the job with us, such as a broken connection, ends nothing. */
  refused(refusal: unknown): void;

  /**
   * @param unknown the outcome of a start that ended without a word and without an error
   * @param reason why, where the caller knows
   */
  close(unknown: 'lost' | 'released', reason?: FailureReason): void;
}
