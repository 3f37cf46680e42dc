import type { Clock } from '../internal/clock.ts';
import type { BufferedEvent } from './buffered-event.ts';
import type { EventSpool } from './event-spool.ts';
import { inTime } from './in-time.ts';

/*
 * Brings events to the spool which the store does not take in time. One `append` at a time:
 *
 *              memory was crowded for 50 ms,
 *              or a deadline is near               ok, and still too much
 *        idle ──────────────────────────▶ spooling ◀───────┐
 *         ▲ ▲                              │ │ │           │
 *         │ └────────── ok, enough ────────┘ │ └───────────┘
 *         └─ a second ── resting ◀───────────┘ failed: the events go back to the buffer
 */

export interface SpillOptions {
  readonly spool: EventSpool;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether so much waits that some of it should leave, wherever to. */
  readonly isCrowded: () => boolean;
  /** Removes the oldest events from the buffer. */
  readonly take: (count: number) => readonly BufferedEvent[];
  readonly restore: (events: readonly BufferedEvent[]) => void;
  /** Called once for every event that was spooled. */
  readonly spooled: (events: readonly BufferedEvent[]) => void;
}

/** Events per `append`: enough to make little of what each costs. */
export const spoolBatch = 1000;
/** The store has this long to take a burst. */
const patienceMs = 50;
const restMs = 1000;

export class Spill {
  readonly #options: SpillOptions;
  #current: readonly BufferedEvent[] = [];
  /** How many events have to leave, whether it is crowded or not. */
  #owed = 0;
  #isRunning = false;
  #isResting = false;
  #isStopped = false;
  #wake: () => void = () => {};
  #cancelTimer: (() => void) | undefined;
  heldBytes = 0;
  /** Whether the last `append` failed. */
  isFailing = false;
  lastError: unknown;

  constructor(options: SpillOptions) {
    this.#options = options;
    void this.#run();
  }

  /** Events that were taken and are not spooled. */
  get held(): number {
    return this.#current.length;
  }

  /** Makes room in a while, if that is needed then. */
  watch(): void {
    if (this.#isRunning || this.#isStopped || !this.#options.isCrowded()) return;
    const delayMs = this.#isResting ? restMs : patienceMs;
    this.#cancelTimer ??= this.#options.clock.schedule(() => this.start(0), delayMs, false);
  }

  /** Spools the `count` oldest events, and what crowds. */
  start(count: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#owed = count;
    this.#isResting = false;
    this.#isRunning = true;
    this.#wake();
  }

  /** Gives back what is being spooled. What the spool says to it later is not heard. */
  recall(): readonly BufferedEvent[] {
    const recalled = this.#current;
    this.#current = [];
    this.heldBytes = 0;
    return recalled;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#wake();
  }

  /** One loop from the constructor on: the asynchronous context is that of the program, as in `Delivery`. */
  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      while (this.#begin()) await this.#spool();
      this.#isRunning = false;
      this.watch();
    }
  }

  /** @returns whether there is something to spool now */
  #begin(): boolean {
    const { isCrowded, take } = this.#options;
    if (this.#isStopped || this.#isResting || (this.#owed <= 0 && !isCrowded())) return false;
    this.#current = take(spoolBatch);
    this.#owed -= this.held;
    for (const { bytes } of this.#current) this.heldBytes += bytes;
    return this.held > 0;
  }

  async #spool(): Promise<void> {
    try {
      await this.#append(this.#current);
      this.isFailing = false;
      this.#options.spooled(this.recall());
    } catch (error) {
      this.#isResting = this.isFailing = true;
      this.lastError = error;
      this.#options.restore(this.recall());
    }
  }

  #append(batch: readonly BufferedEvent[]): Promise<unknown> {
    const { spool, clock, timeoutMs } = this.#options;
    const events = batch.map(({ event }) => event);
    return inTime(clock, timeoutMs, 'spooling', () => spool.append(events));
  }
}
