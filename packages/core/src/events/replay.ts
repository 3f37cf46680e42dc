import type { AppendCounts } from './append-counts.ts';
import { type Delivered, Delivery, type Destination } from './delivery.ts';
import type { EventSpool, SpooledBatch } from './event-spool.ts';

/*
 * Brings what waits in the spool to the store: at the start, and whenever something was spooled.
 *
 *   waiting ──▶ for each batch of `pending()`: deliver, `done()`, pause ──▶ waiting
 *      ▲                                                                      │
 *      └────────────── until something is spooled, then a second ◀───────────┘
 *
 * It has a delivery of its own, so that fresh events never stand in line behind it, and yields to them: it begins no batch
 * while they wait for a store that fails, or crowd the memory, and pauses as long as each batch took, so that at most half of
 * the time of the store goes into it. It never pauses longer than the store has for an `append`: a wall clock that was set
 * forward, as after the sleep of a laptop, is not work of the store.
 */

export interface ReplayOptions {
  readonly spool: EventSpool;
  readonly isBusy: () => boolean;
  /** Called once for every event that is replayed: how the store counted the batch it was in. */
  readonly settled: (events: readonly Delivered[], counts: AppendCounts) => void;
}

const shortestPauseMs = 10;
const restMs = 1000;
const restAfterErrorMs = 30_000;

export class Replay {
  readonly #to: Destination;
  readonly #options: ReplayOptions;
  readonly #delivery: Delivery<Delivered>;
  /** What the delivery has not taken yet. */
  #next: readonly Delivered[] = [];
  /** How many events of the batch are not settled. */
  #open = 0;
  #endBatch: () => void = () => {};
  #isStopped = false;
  #endPause: () => void = () => {};
  #wake: () => void = () => {};
  #hasMore = true;
  lastError: unknown;

  constructor(to: Destination, options: ReplayOptions) {
    this.#to = to;
    this.#options = options;
    this.#delivery = new Delivery(to, {
      take: () => this.#take(),
      settled: (events, counts) => {
        options.settled(events, counts);
        this.#open -= events.length;
        if (this.#open === 0) this.#endBatch();
      },
    });
    void this.#run();
  }

  /** Something was spooled. */
  notice(): void {
    this.#hasMore = true;
    this.#wake();
  }

  /** Begins nothing more; what is not done yet is given again by the spool. */
  stop(): void {
    this.#isStopped = true;
    this.#delivery.stop();
    this.#endBatch();
    this.#endPause();
    this.#wake();
  }

  async #run(): Promise<void> {
    await this.#pause(shortestPauseMs);
    while (!this.#isStopped) {
      this.#hasMore = false;
      const restedMs = await this.#pass();
      if (!this.#hasMore) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      await this.#pause(restedMs);
    }
  }

  /** @returns how long to rest */
  async #pass(): Promise<number> {
    try {
      for await (const batch of this.#options.spool.pending()) {
        await this.#replay(batch);
        if (this.#isStopped) break;
      }
      return restMs;
    } catch (error) {
      this.lastError = error;
      this.#hasMore = true;
      return restAfterErrorMs;
    }
  }

  async #replay(batch: SpooledBatch): Promise<void> {
    const { clock, appendTimeoutMs } = this.#to;
    while (this.#options.isBusy() && !this.#isStopped) await this.#pause(restMs);
    const startedAt = clock.now();
    const delivered = Array.from(batch.events, (event) => ({ event, bytes: 0, loneFailures: 0 }));
    if (delivered.length > 0 && !this.#isStopped) await this.#deliver(delivered);
    if (this.#isStopped) return;
    await batch.done();
    const tookMs = clock.now() - startedAt;
    await this.#pause(Math.max(shortestPauseMs, Math.min(tookMs, appendTimeoutMs)));
  }

  /** Resolves when each of the events is stored, or can never be. */
  #deliver(events: readonly Delivered[]): Promise<void> {
    return new Promise((resolve) => {
      this.#endBatch = resolve;
      this.#open = events.length;
      this.#next = events;
      this.#delivery.start();
    });
  }

  #take(): readonly Delivered[] {
    const events = this.#next;
    this.#next = [];
    return events;
  }

  /** Does not hold the process. */
  #pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#to.clock.schedule(resolve, ms, false);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
