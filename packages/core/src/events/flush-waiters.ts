import type { Clock } from '../internal/clock.ts';
import type { BufferedEvent } from './buffered-event.ts';

/** How a wait ended: everything has left, something of it was lost, or time was up. */
export type WaitOutcome = 'settled' | 'lost' | 'timeout';

interface Waiter {
  /** The last event that is waited for. */
  readonly until: number;
  remaining: number;
  isLost: boolean;
  readonly end: (outcome: WaitOutcome) => void;
}

/** Those who wait until certain events have left the writer. */
export class FlushWaiters {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /**
   * @param until order of the last event to wait for; `Infinity` waits until none is buffered
   * @param buffered how many of them have not left yet
   */
  wait(until: number, buffered: number, timeoutMs: number): Promise<WaitOutcome> {
    if (buffered === 0) return Promise.resolve('settled');
    if (this.#isOver) return Promise.resolve('timeout');
    return new Promise((resolve) => {
      const end = (outcome: WaitOutcome): void => {
        cancel();
        this.#waiters.delete(waiter);
        resolve(outcome);
      };
      const waiter: Waiter = { until, remaining: buffered, isLost: false, end };
      this.#waiters.add(waiter);
      // The caller asked to wait, so the process stays alive for it, but never past the deadline.
      const cancel = this.#clock.schedule(() => end('timeout'), timeoutMs, true);
    });
  }

  /** @param buffered how many events the writer holds now */
  left(events: readonly BufferedEvent[], isLost: boolean, buffered: number): void {
    for (const waiter of this.#waiters) {
      const counted = events.reduce((count, { order }) => count + Number(order <= waiter.until), 0);
      waiter.remaining = waiter.until === Number.POSITIVE_INFINITY ? buffered : waiter.remaining - counted;
      waiter.isLost ||= isLost && counted > 0;
      if (waiter.remaining === 0) waiter.end(waiter.isLost ? 'lost' : 'settled');
    }
  }

  /** Nothing will leave any more. */
  giveUp(): void {
    this.#isOver = true;
    for (const waiter of this.#waiters) waiter.end('timeout');
  }
}
