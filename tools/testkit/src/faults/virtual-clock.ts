import { setImmediate as macrotask } from 'node:timers/promises';
import type { Clock } from '@throughline/core/events';

/** How a {@link VirtualClock} begins, and what it waits for between two timers. */
export interface VirtualClockOptions {
  /** Milliseconds since the epoch. @default noon of 2026-01-31, UTC */
  readonly now?: number | undefined;
  /**
   * Resolves when what the last timer set off has come to rest. The default waits for every promise that needs nothing
   * but other promises; work on files or sockets takes real time, and has to be waited for by whoever knows it.
   */
  readonly settle?: (() => Promise<unknown>) | undefined;
}

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is told to go on: ten minutes pass in as long as the work in them takes.
 *
 * Timers run in the order of their time, those of one instant in the order in which they were set, each with the clock at
 * its time; before the next one, everything that the last one set off has come to rest.
 *
 * @example
 * ```ts
 * import { VirtualClock } from '@throughline/testkit';
 *
 * const clock = new VirtualClock();
 * clock.schedule(() => console.log('an hour later'), 3_600_000, false);
 * await clock.advance(3_600_000);
 * ```
 */
export class VirtualClock implements Clock {
  #now: number;
  readonly #settle: () => Promise<unknown>;
  readonly #timers = new Set<Timer>();

  constructor({ now = Date.UTC(2026, 0, 31, 12), settle = macrotask }: VirtualClockOptions = {}) {
    this.#now = now;
    this.#settle = settle;
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  /** Nothing that is virtual holds a process. */
  schedule(callback: () => void, delayMs: number, _holdsProcess: boolean): () => void {
    const timer: Timer = { due: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets `ms` pass, and resolves when everything due by then has run. One call at a time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.#settle();
    for (let timer = this.#earliest(end); timer !== undefined; timer = this.#earliest(end)) {
      this.#timers.delete(timer);
      this.#now = timer.due;
      timer.callback();
      await this.#settle();
    }
    this.#now = end;
  }

  /** The first timer due by `end`; a set keeps the order in which they were set. */
  #earliest(end: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end && (earliest === undefined || timer.due < earliest.due)) earliest = timer;
    }
    return earliest;
  }
}
