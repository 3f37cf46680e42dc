import { OldestWaiting } from './oldest-waiting.ts';
import { type LeasedQueue, QueueLease } from './queue-lease.ts';

/** What the poller needs of a queue. */
export interface PolledQueue extends LeasedQueue {
  /** Set once the queue is being closed. */
  readonly closing?: Promise<void> | undefined;
  getJobCounts(...types: never[]): Promise<Readonly<Record<string, number>>>;
}

/** How a queue is polled. */
export interface QueuePollerOptions {
  readonly intervalMs: number;
  /** Empty: all that the version of BullMQ has. */
  readonly states: readonly string[];
  readonly oldestWaiting: boolean;
  /** Asked before each poll; nothing goes to Redis while it says no. */
  readonly isWanted: () => boolean;
  readonly onFailure: (error: unknown) => void;
  /** The queue was found closed, and polling has ended. */
  readonly onClosed: () => void;
}

/** What is known of a queue. */
export interface QueueSnapshot {
  /** Since when, by the clock of Redis: seconds since the epoch. */
  readonly polledAt: number;
  /** How many jobs, by state. */
  readonly depth: Readonly<Record<string, number>>;
  /** Seconds; `undefined` when it was not asked for. */
  readonly oldestAge: number | undefined;
}

/** A holder misses one poll before it loses the lease. */
const leaseIntervals = 2.5;
const longestPauseMs = 60_000;

/**
 * Polls one queue, as long as no other poller does.
 *
 * ```
 *            ┌────────── the lease is another's: wait until it ends ◀─┐
 *            ▼                                                        │
 *   ───▶  ask for the lease ──▶ ours: count, wait an interval ────────┤
 *            ▲                                                        │
 *            └────────── no answer: wait longer each time ◀───────────┘
 * ```
 *
 * A snapshot counts for as long as the lease that it was taken under, reckoned from before the lease was asked for, by
 * the monotonic clock of this process. Redis begins to reckon later, so no two processes ever show one at a time.
 */
export class QueuePoller {
  readonly #queue: PolledQueue;
  readonly #options: QueuePollerOptions;
  readonly #lease: QueueLease;
  readonly #leaseMs: number;
  readonly #oldest = new OldestWaiting();
  #snapshot: QueueSnapshot | undefined;
  #validUntil = 0;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(queue: PolledQueue, options: QueuePollerOptions) {
    this.#queue = queue;
    this.#options = options;
    this.#leaseMs = Math.ceil(options.intervalMs * leaseIntervals);
    this.#lease = new QueueLease(queue, this.#leaseMs);
  }

  /** What the last poll found, unless it is too old to be true or somebody else polls. */
  get snapshot(): QueueSnapshot | undefined {
    const isValid = performance.now() < this.#validUntil && this.#queue.closing === undefined;
    return isValid ? this.#snapshot : undefined;
  }

  start(): void {
    void this.#run();
  }

  /** Ends polling. The lease is given back, so that another poller need not wait for its end. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#release();
  }

  /** The lease ends by itself when it cannot be given back. */
  #release(): void {
    const isHolder = this.snapshot !== undefined;
    this.#snapshot = undefined;
    if (isHolder) this.#lease.release().catch(() => {});
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const pauseMs = await this.#attempt();
    if (this.#isStopped) return;
    if (this.#queue.closing !== undefined) {
      this.stop();
      this.#options.onClosed();
      return;
    }
    this.#timer = setTimeout(() => void this.#run(), pauseMs);
    this.#timer.unref?.();
  }

  /** @returns ms until the next one */
  async #attempt(): Promise<number> {
    const { intervalMs, isWanted } = this.#options;
    if (this.#queue.closing !== undefined || !isWanted()) return jittered(intervalMs);
    try {
      const pauseMs = await this.#inTime(this.#poll());
      this.#failures = 0;
      return pauseMs;
    } catch (error) {
      this.#failed(error);
      this.#failures += 1;
      return jittered(this.#atMost(intervalMs * 2 ** this.#failures));
    }
  }

  async #poll(): Promise<number> {
    const { intervalMs, oldestWaiting, states } = this.#options;
    const askedAt = performance.now();
    const answer = await this.#lease.ask(oldestWaiting);
    if (!answer.isOurs) {
      this.#snapshot = undefined;
      return this.#atMost(answer.endsInMs) + (Math.random() * intervalMs) / 2;
    }
    const { now, waiting } = answer;
    const counts = await this.#queue.getJobCounts(...(states as never[]));
    this.#snapshot = {
      polledAt: now / 1_000,
      depth: states.length === 0 ? counts : only(states, counts),
      oldestAge: waiting && this.#oldest.ageSeconds(waiting),
    };
    this.#validUntil = askedAt + this.#leaseMs;
    if (this.#isStopped) this.#release();
    return jittered(intervalMs);
  }

  /**
   * A client that reconnects keeps commands until it succeeds. That is waited for, since another command would only wait
   * behind it; but it is told, again and again, so that a rule about failed polls sees how long it lasts.
   */
  async #inTime(polled: Promise<number>): Promise<number> {
    const late = setInterval(() => this.#failed(new QueuePollTimeout(this.#leaseMs)), this.#leaseMs);
    late.unref?.();
    try {
      return await polled;
    } finally {
      clearInterval(late);
    }
  }

  /** A minute, or the interval when that is longer. */
  #atMost(ms: number): number {
    return Math.min(Math.max(ms, 0), Math.max(longestPauseMs, this.#options.intervalMs));
  }

  #failed(error: unknown): void {
    if (!this.#isStopped && this.#queue.closing === undefined) this.#options.onFailure(error);
  }
}

/** Told to the telemetry, never thrown. */
class QueuePollTimeout extends Error {
  override readonly name = 'QueuePollTimeout';

  constructor(ms: number) {
    super(`Redis has not answered a poll for ${ms} ms; the answer is still waited for.`);
  }
}

/** BullMQ 5 counts `paused` beside `waiting`, asked or not. */
function only(
  states: readonly string[],
  counts: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([state]) => states.includes(state)));
}

/** Processes that started together do not stay together. */
function jittered(ms: number): number {
  return ms * (0.9 + Math.random() * 0.2);
}
