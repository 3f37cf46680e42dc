import type { TraceEvent } from './trace-event.ts';

/** Events that wait in a spool for their store. */
export interface SpooledBatch {
  /** As they were spooled, oldest first. */
  readonly events: readonly TraceEvent[];
  /** Forgets the batch. Called when each of its events is stored, or can never be. */
  done(): Promise<void>;
}

/**
 * Keeps events that a store cannot take now, until it can. A journal's `openJournalSpool` is one.
 *
 * Several processes may share one spool. Events may be handed out more than once: stores are idempotent by `event_id`.
 */
export interface EventSpool {
  /**
   * Keeps events.
   *
   * 1. MUST resolve only when all of them survive the end of the process, and reject otherwise: with code
   *    `THROUGHLINE_STORE_FULL` when there is no room.
   * 2. MUST NOT change the array or the events, nor keep them.
   */
  append(events: readonly TraceEvent[]): Promise<unknown>;
  /**
   * 3. MUST keep the events before it returns, and throw otherwise. For the moment of a crash; it blocks.
   */
  appendSync(events: readonly TraceEvent[]): void;
  /**
   * What waits: of this process, and of processes that have ended.
   *
   * 4. MUST give everything that was kept before the call and is not forgotten, oldest first for each process, in batches
   *    that a store can take at once; nothing of another process that still runs.
   * 5. MUST give a batch again, to a later call, until `done` was called for it.
   */
  pending(): AsyncIterable<SpooledBatch>;
}
