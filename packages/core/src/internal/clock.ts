/** Where time comes from. Give one of your own to run timers and retries in virtual time. */
export interface Clock {
  /** Milliseconds since the epoch, with a fraction where the platform has one. */
  now(): number;
  /**
   * Calls `callback` once, `delayMs` from now.
   *
   * @param holdsProcess whether the process should stay alive for it, where the platform can tell
   * @returns a function that cancels the call
   */
  schedule(callback: () => void, delayMs: number, holdsProcess: boolean): () => void;
}

/** The wall clock tells whole milliseconds, rounded down: further ahead of it than this, it was set back. */
const maxLeadMs = 2;
/** A timer set to more than this fires at once. */
const longestTimerMs = 2_147_483_647;
let offset = Number.NaN;

/**
 * The clock of the platform. `now` goes on with the resolution of `performance.now`, so that what one process did one
 * after another has times that say so, and follows the wall clock when that is set.
 */
export const systemClock: Clock = {
  now() {
    const wall = Date.now();
    const elapsed = performance.now();
    const lead = elapsed + offset - wall;
    if (!(lead >= 0 && lead < maxLeadMs)) offset = wall - elapsed;
    return elapsed + offset;
  },
  schedule(callback, delayMs, holdsProcess) {
    const timer: unknown = setTimeout(callback, Math.min(delayMs, longestTimerMs));
    if (!holdsProcess) (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer as number);
  },
};
