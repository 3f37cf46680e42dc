import type { Wait } from './wait.ts';

/**
 * What became of one run, as its worker sees it. The database decides what is committed: a failure may turn out to be the
 * last one, a release a cancellation, and all of it late.
 *
 * ```text
 *                       ┌────────── delay, gate ──────────┐
 *                       ▼                                 │
 *   invoke ──▶ ready ──▶ running ──┬─ failed, released ───┤
 *                ▲                 ├─ sleeping ── due ────┤
 *                │                 ├─ waiting ── woken ───┘
 *                └── recovered ────┤
 *                                  └─ completed, dead, canceled ──▶ history
 * ```
 */
export type Outcome =
  | Completed
  /** Another attempt follows after `delayMs`, unless this was the last one that `maxAttempts` allows. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly delayMs: number }
  /** Failed for good. */
  | { readonly kind: 'dead'; readonly error: unknown }
  /** Given back: it did not fail, and goes on elsewhere. */
  | {
      readonly kind: 'released';
      readonly delayMs: number;
      /** The handler was never called, so the attempt does not count. */
      readonly isUnstarted: boolean;
      /** It was claimed past a gate that its task has got meanwhile. */
      readonly isUngated: boolean;
    }
  /** Until a time has come; `waiting` for children or events, too. Its handler is left where it is. */
  | { readonly kind: 'sleeping' | 'waiting'; readonly waits: readonly Wait[] }
  | { readonly kind: 'canceled'; readonly error: unknown };

/** The handler returned. */
export interface Completed {
  readonly kind: 'completed';
}

/** Shared by all: the result is with the execution. */
export const completed: Completed = Object.freeze({ kind: 'completed' });

/** What the database made of an outcome; `lost` when the lease was no longer that of the run. */
export type CommittedOutcome =
  | 'completed'
  | 'failed'
  | 'dead'
  | 'released'
  | 'sleeping'
  | 'waiting'
  | 'canceled'
  | 'lost';
