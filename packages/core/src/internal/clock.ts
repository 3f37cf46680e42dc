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
/** Wall clock minus `performance.now()`. */
let offset = Number.NaN;

/**
 * The clock of the platform. `now` goes on with the resolution of `performance.now`, so that what one process did one
 * after another has times that say so, and follows the wall clock when that is set.
 */
export const systemClock: Clock = {
  now() {
    const elapsed = performance.now();
    const lead = elapsed + offset - Date.now();
    if (!(lead >= 0 && lead < maxLeadMs)) adjust();
    return elapsed + offset;
  },
  schedule(callback, delayMs, holdsProcess) {
    const timer: unknown = setTimeout(callback, Math.min(delayMs, longestTimerMs));
    if (!holdsProcess) (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer as number);
  },
};

/** A small difference is the rounding of the wall clock, so only the greater offset can be true. */
function adjust(): void {
  const measured = measure();
  offset = Math.abs(measured - offset) < maxLeadMs ? Math.max(measured, offset) : measured;
}

/**
 * Reads both clocks as one: a process that is suspended between two readings would be told a wrong difference. A few
 * tries must do, for clocks of tests that go on with every reading.
 */
function measure(): number {
  let wall = Date.now();
  let elapsed = performance.now();
  for (let tries = 0; tries < 4 && Date.now() > wall + 1; tries++) {
    wall = Date.now();
    elapsed = performance.now();
  }
  return wall - elapsed;
}
