import { StoreUnavailableError } from '../errors/store-unavailable-error.ts';
import type { Clock } from '../internal/clock.ts';
import type { BufferedEvent } from './buffered-event.ts';
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

export interface DeliveryOptions {
  readonly store: TraceStore;
  readonly clock: Clock;
  readonly appendTimeoutMs: number;
  /** The next batch; empty when there is none, or none that is due unless `atOnce`. */
  readonly take: (atOnce: boolean) => readonly BufferedEvent[];
  /** Called once for every event: how the store counted the batch it was in. */
  readonly settled: (events: readonly BufferedEvent[], duplicates: number, rejected: number) => void;
  readonly idle: () => void;
}

type Batch = readonly BufferedEvent[];

const firstDelayMs = 100;
const longestDelayMs = 30_000;
const longestRetryAfterMs = 300_000;
/** After so many failures in a row the circuit is open: nobody but the timer ends the wait. */
const failuresToOpen = 5;
const loneFailuresToReject = 3;
/** How many events may be held while nothing proves that the store works. */
const maxSuspects = 100;

export class Delivery {
  readonly #options: DeliveryOptions;
  /** Batches that failed, and parts of them, in the order in which they are tried again. */
  #retries: Batch[] = [];
  /** The last stored event: proves whether the store works. */
  #canary: BufferedEvent | undefined;
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

  constructor(options: DeliveryOptions) {
    this.#options = options;
    void this.#run();
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
      this.#options.idle();
    }
  }

  #next(): Batch {
    if (this.#isStopped) return [];
    const isStuck = this.#isStuck();
    const fresh = this.#retries.length === 0 || isStuck ? this.#options.take(isStuck) : [];
    this.#hold(fresh, 1);
    return fresh.length > 0 ? fresh : (this.#retries.shift() ?? []);
  }

  /** A single event fails and nothing was ever stored: only another event can tell whose fault it is. */
  #isStuck(): boolean {
    return this.#canary === undefined && this.#retries[0]?.length === 1 && this.held <= maxSuspects;
  }

  async #deliver(batch: Batch): Promise<void> {
    try {
      this.#succeeded(batch, await this.#append(batch));
    } catch (error) {
      this.lastError = error;
      const blame = await this.#blame(error);
      if (blame === 'batch') return this.#narrow(batch, read(error, 'retryable') === false);
      this.#failures++;
      if (blame === 'store') this.#retries.unshift(batch);
      else this.#halve(batch);
      await this.#pause(retryAfterOf(error));
    }
  }

  #succeeded(batch: Batch, result: AppendResult): void {
    const rejected = Math.min(countOf(read(read(result, 'rejected'), 'length')), batch.length);
    const duplicates = Math.min(countOf(read(result, 'duplicates')), batch.length - rejected);
    this.#failures = 0;
    if (rejected === 0) this.#canary = batch.at(-1);
    this.#settle(batch, duplicates, rejected);
  }

  #settle(batch: Batch, duplicates: number, rejected: number): void {
    this.#hold(batch, -1);
    this.#options.settled(batch, duplicates, rejected);
  }

  #hold(batch: Batch, sign: 1 | -1): void {
    this.held += sign * batch.length;
    for (const { bytes } of batch) this.heldBytes += sign * bytes;
  }

  async #blame(error: unknown): Promise<'batch' | 'store' | 'unknown'> {
    if (read(error, 'retryable') === false) return 'batch';
    if (saysItIsTheStore(error)) return 'store';
    if (this.#canary === undefined) return 'unknown';
    return this.#append([this.#canary]).then(
      () => 'batch' as const,
      () => 'store' as const,
    );
  }

  #narrow(batch: Batch, isPermanent: boolean): Promise<void> | undefined {
    const [only] = batch;
    this.#failures = 0;
    if (only === undefined || batch.length > 1) this.#halve(batch);
    else if (isPermanent || ++only.loneFailures >= loneFailuresToReject) this.#settle(batch, 0, 1);
    else {
      this.#retries.push(batch);
      return this.#pause(0);
    }
    return undefined;
  }

  /** What is left to try goes to the end of the line, so that a single event holds nobody up. */
  #halve(batch: Batch): void {
    const middle = Math.ceil(batch.length / 2);
    if (middle === batch.length) this.#retries.push(batch);
    else this.#retries.unshift(batch.slice(0, middle), batch.slice(middle));
  }

  #pause(retryAfterMs: number): Promise<void> {
    const { clock } = this.#options;
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

  /** Rejects when the store does, and when it does not answer in time; what it answers later is not heard. */
  #append(batch: Batch): Promise<AppendResult> {
    const { store, clock, appendTimeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const late = (): void =>
        reject(new StoreUnavailableError(`append took longer than ${appendTimeoutMs} ms`));
      const cancel = clock.schedule(late, appendTimeoutMs, false);
      appendTo(store, batch).then(resolve, reject).finally(cancel);
    });
  }
}

/** A new array for each attempt: some client libraries change what they are given. */
async function appendTo(store: TraceStore, batch: Batch): Promise<AppendResult> {
  return store.append(batch.map(({ event }): TraceEvent => event));
}

function saysItIsTheStore(error: unknown): boolean {
  const code = read(error, 'code');
  const isOurs = typeof code === 'string' && code.startsWith('THROUGHLINE_STORE_');
  return isOurs || read(error, 'retryable') === true || retryAfterOf(error) > 0;
}

function retryAfterOf(error: unknown): number {
  return Math.min(countOf(read(error, 'retryAfterMs')), longestRetryAfterMs);
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
}

/** Reads a property of what a store answered, which may be anything. */
function read(answer: unknown, name: string): unknown {
  try {
    return (answer as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
