import { setImmediate as macrotask } from 'node:timers/promises';
import type { Clock } from '@throughline/core/events';

/** How a {@link VirtualClock} begins, and what it waits for between two timers. */
export interface VirtualClockOptions {
  /** Milliseconds since the epoch. @default noon of 2026-01-31, UTC */
  readonly now?: number | undefined;
  /**
   * Work on files or sockets that a timer set off: it takes real time, and the clock waits for it. Asked again until there
   * is none. Promises that need nothing but other promises are waited for anyway.
   */
  readonly underWay?: (() => Promise<unknown> | undefined) | undefined;
}

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

const nothing = (): undefined => undefined;

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
  readonly #underWay: () => Promise<unknown> | undefined;
  readonly #timers = new Set<Timer>();

  constructor({ now = Date.UTC(2026, 0, 31, 12), underWay = nothing }: VirtualClockOptions = {}) {
    this.#now = now;
    this.#underWay = underWay;
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
    await this.#rest();
    for (let timer = this.#earliest(end); timer !== undefined; timer = this.#earliest(end)) {
      this.#timers.delete(timer);
      this.#now = timer.due;
      timer.callback();
      await this.#rest();
    }
    this.#now = end;
  }

  /** Microtasks run to their end before the next macrotask. */
  async #rest(): Promise<void> {
    for (await macrotask(); ; await macrotask()) {
      const work = this.#underWay();
      if (work === undefined) return;
      await work;
    }
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
