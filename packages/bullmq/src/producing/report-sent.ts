import type { Telemetry } from '@throughline/core';
import { jobsSent } from '../job/job-events.ts';
import type { TracedQueue } from '../job/traced-queue.ts';

/** One call that handed jobs to BullMQ, as far as one queue is concerned. */
export interface SentCall {
  readonly count: number;
  /** `performance.now()` before the call; `undefined` when another queue of the same call reports its duration. */
  readonly startedAt: number | undefined;
  readonly failure?: { readonly error: unknown } | undefined;
}

/** Measures jobs that were handed to BullMQ; those it did not take count with the type of the error. */
export function reportSent(telemetry: Telemetry, queue: TracedQueue, call: SentCall): void {
  const { count, startedAt, failure } = call;
  telemetry.emitEvent(jobsSent, {
    attributes: failure ? queue.sent.of('error', failure) : queue.sent.of('ok'),
    count,
    durationSeconds: startedAt === undefined ? undefined : (performance.now() - startedAt) / 1_000,
  });
}
