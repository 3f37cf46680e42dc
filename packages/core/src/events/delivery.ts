import type { Clock } from '../internal/clock.ts';
import { type AppendCounts, appendCounts, countOf, fieldOf } from './append-counts.ts';
import { inTime } from './in-time.ts';
import type { TraceEvent } from './trace-event.ts';
import type { AppendResult, TraceStore } from './trace-store.ts';

/*
 * Brings batches to a store that may be slow, down or broken. One `append` at a time:
 *
 *            start                     ok, and more to do
 *   idle ───────────▶ appending ◀───────────────────────────┐
 *    ▲                 │  │  │                              │
 *    │ ok, no more     │  │  └─ it is the batch ──▶ halve it, or
 *    └─────────────────┘  │                         reject the one event
 *                         └─ it is the store ───▶ wait, keep the batch
 *
 * Whose fault a failure is: errors that say so are believed (`retryable`, `retryAfterMs`, our codes). For any other
 * error an event that is already stored is appended again. That is a duplicate for a store that works, so its success
 * proves that the batch is to blame, and no outage is ever mistaken for a poison event.
 */

/** An event on its way. */
export interface Delivered {
  readonly event: TraceEvent;
  readonly bytes: number;
  /** How often it alone made `append` fail while the store took others. */
  loneFailures: number;
}

/** What several deliveries to one store have in common. */
export interface Destination {
  readonly store: TraceStore;
  readonly clock: Clock;
  readonly appendTimeoutMs: number;
  /** The last event that was stored: proves whether the store works. */
  canary?: TraceEvent | undefined;
}

export interface DeliveryOptions<E extends Delivered> {
  /** The next batch; empty when there is none, or none that is due unless `atOnce`. */
  readonly take: (atOnce: boolean) => readonly E[];
  /** Called once for every event: how the store counted the batch it was in. */
  readonly settled: (events: readonly E[], counts: AppendCounts) => void;
  readonly idle?: () => void;
}

const firstDelayMs = 100;
const longestDelayMs = 30_000;
const longestRetryAfterMs = 300_000;
/** After so many failures in a row the circuit is open: nobody but the timer ends the wait. */
const failuresToOpen = 5;
const loneFailuresToReject = 3;
/** How many events may be held while nothing proves that the store works. */
const maxSuspects = 100;

const rejectedAlone: AppendCounts = { duplicates: 0, rejected: 1 };

export class Delivery<E extends Delivered> {
  readonly #to: Destination;
  readonly #options: DeliveryOptions<E>;
  /** What is being tried. */
  #current: readonly E[] = [];
  /** Batches that failed, and parts of them, in the order in which they are tried again. */
  #retries: (readonly E[])[] = [];
  #failures = 0;
  #endPause: (() => void) | undefined;
  #wake: () => void = () => {};
  #isAskedToWait = false;
  #isStopped = false;
  isRunning = false;
  /** Events that were taken and are not settled. */
  held = 0;
  heldBytes = 0;
  lastError: unknown;

  constructor(to: Destination, options: DeliveryOptions<E>) {
    this.#to = to;
    this.#options = options;
    void this.#run();
  }

  /** Whether something waits because the store fails. */
  get isFailing(): boolean {
    return this.#failures > 0 && (this.#endPause !== undefined || this.held > 0);
  }

  get circuit(): 'closed' | 'open' | 'half-open' {
    if (this.#failures < failuresToOpen) return 'closed';
    return this.#endPause === undefined ? 'half-open' : 'open';
  }

  start(): void {
    if (this.isRunning || this.#isStopped) return;
    this.isRunning = true;
    this.#wake();
  }

  /** Tries again at once what waits for its next try, unless the store asked for the wait or the circuit is open. */
  hurry(isLastChance: boolean): void {
    if (!this.#isAskedToWait && (isLastChance || this.circuit === 'closed')) this.#endPause?.();
  }

  /** Gives back all that is held. What the store says to it later is not heard. */
  recall(): E[] {
    const recalled = [this.#current, ...this.#retries].flat();
    this.#current = this.#retries = [];
    this.#hold(recalled, -1);
    return recalled;
  }

  /** Starts no further attempt. */
  stop(): void {
    this.#isStopped = true;
    this.#endPause?.();
  }

  /**
   * One loop from the constructor on. What a store does belongs to the program, not to the request that happened to emit
   * first: an asynchronous context (`AsyncLocalStorage`) is that of whoever waits, and this waits here.
   */
  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      for (let batch = this.#next(); batch.length > 0; batch = this.#next()) await this.#deliver(batch);
      this.isRunning = false;
      this.#options.idle?.();
    }
  }

  #next(): readonly E[] {
    if (this.#isStopped) return [];
    const isStuck = this.#isStuck();
    const fresh = this.#retries.length === 0 || isStuck ? this.#options.take(isStuck) : [];
    this.#hold(fresh, 1);
    return fresh.length > 0 ? fresh : (this.#retries.shift() ?? []);
  }

  /** A single event fails and nothing was ever stored: only another event can tell whose fault it is. */
  #isStuck(): boolean {
    return this.#to.canary === undefined && this.#retries[0]?.length === 1 && this.held <= maxSuspects;
  }

  async #deliver(batch: readonly E[]): Promise<void> {
    this.#current = batch;
    try {
      this.#succeeded(await this.#append(batch.map(({ event }) => event)));
    } catch (error) {
      this.lastError = error;
      const blame = await this.#blame(error);
      if (blame === 'batch') return this.#narrow(this.#released(), fieldOf(error, 'retryable') === false);
      this.#failures++;
      if (blame === 'store') this.#retry(this.#released());
      else this.#halve(this.#released());
      await this.#pause(retryAfterOf(error));
    }
  }

  /** What was being tried; nothing when it was recalled in the meantime. */
  #released(): readonly E[] {
    const batch = this.#current;
    this.#current = [];
    return batch;
  }

  #succeeded(result: AppendResult): void {
    const batch = this.#released();
    const counts = appendCounts(result, batch.length);
    this.#failures = 0;
    if (counts.rejected === 0) this.#to.canary = batch.at(-1)?.event ?? this.#to.canary;
    this.#settle(batch, counts);
  }

  #settle(batch: readonly E[], counts: AppendCounts): void {
    this.#hold(batch, -1);
    if (batch.length > 0) this.#options.settled(batch, counts);
  }

  #hold(batch: readonly E[], sign: 1 | -1): void {
    this.held += sign * batch.length;
    for (const { bytes } of batch) this.heldBytes += sign * bytes;
  }

  async #blame(error: unknown): Promise<'batch' | 'store' | 'unknown'> {
    const { canary } = this.#to;
    if (fieldOf(error, 'retryable') === false) return 'batch';
    if (saysItIsTheStore(error)) return 'store';
    if (canary === undefined) return 'unknown';
    return this.#append([canary]).then(
      () => 'batch' as const,
      () => 'store' as const,
    );
  }

  #narrow(batch: readonly E[], isPermanent: boolean): Promise<void> | undefined {
    const [only] = batch;
    this.#failures = 0;
    if (only === undefined || batch.length > 1) this.#halve(batch);
    else if (isPermanent || ++only.loneFailures >= loneFailuresToReject) this.#settle(batch, rejectedAlone);
    else {
      this.#retries.push(batch);
      return this.#pause(0);
    }
    return undefined;
  }

  #retry(...batches: (readonly E[])[]): void {
    this.#retries.unshift(...batches.filter(({ length }) => length > 0));
  }

  /** What is left to try goes to the end of the line, so that a single event holds nobody up. */
  #halve(batch: readonly E[]): void {
    const middle = Math.ceil(batch.length / 2);
    if (batch.length === 1) this.#retries.push(batch);
    else this.#retry(batch.slice(0, middle), batch.slice(middle));
  }

  #pause(retryAfterMs: number): Promise<void> {
    const { clock } = this.#to;
    const backoff = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, this.#failures - 1));
    this.#isAskedToWait = retryAfterMs > 0;
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#endPause = undefined;
        this.#isAskedToWait = false;
        resolve();
      };
      const cancel = clock.schedule(end, Math.max(retryAfterMs, backoff * (0.5 + Math.random() / 2)), false);
      this.#endPause = end;
      if (this.#isStopped) end();
    });
  }

  /** A new array for each attempt: some client libraries change what they are given. */
  #append(events: TraceEvent[]): Promise<AppendResult> {
    const { store, clock, appendTimeoutMs } = this.#to;
    return inTime(clock, appendTimeoutMs, 'append', () => store.append(events));
  }
}

function saysItIsTheStore(error: unknown): boolean {
  const code = fieldOf(error, 'code');
  const isOurs = typeof code === 'string' && code.startsWith('THROUGHLINE_STORE_');
  return isOurs || fieldOf(error, 'retryable') === true || retryAfterOf(error) > 0;
}

function retryAfterOf(error: unknown): number {
  return Math.min(countOf(fieldOf(error, 'retryAfterMs')), longestRetryAfterMs);
}
