import { randomUUID } from 'node:crypto';
import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import type { EngineQueries } from '../database/engine-queries.ts';
import { query } from '../database/query.ts';
import type { SqlClient } from '../database/sql-client.ts';
import type { BatchHost } from '../execution/batch-run.ts';
import { type ClaimAnswer, ClaimedBatch } from '../execution/claimed-batch.ts';
import type { Execution } from '../execution/execution.ts';
import { runBatch } from '../execution/run-batch.ts';
import { runExecution } from '../execution/run-execution.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';
import { BatchCollector } from './batch-collector.ts';
import { ClaimBuffer } from './claim-buffer.ts';
import { ClaimSize, slowMs } from './claim-size.ts';
import { LeaseTrust } from './lease-trust.ts';

/** What a {@link QueueWorker} needs. */
export interface QueueWorkerOptions {
  readonly sql: SqlClient;
  readonly queries: EngineQueries;
  readonly host: BatchHost;
  readonly worker: string;
  readonly queue: string;
  readonly tasks: readonly RunnableTask[];
  /** Executions of this queue that run at once. */
  readonly concurrency: number;
  /** The most executions of one claim. */
  readonly batchSize: number;
  /** Claims in flight. */
  readonly inFlight: number;
  readonly leaseMs: number;
  /** The pause between two looks at an empty queue; between 75 and 125 % of it. */
  readonly pollMs: number;
  /** Whether claims bring times and carriers. */
  readonly withTraces: boolean;
  /** Whether batches that are not full wait for no more. */
  isDraining(): boolean;
  /** How many executions have ended that are not settled. */
  unsettled(): number;
  /** Called when leases may have run out unnoticed: this process was frozen, or the database is silent. */
  onLate(): void;
  /** Called whenever a claim was answered and whenever one failed. */
  onClaimed(error?: unknown): void;
  /** Told of each claim that was answered, when somebody wants to know. */
  readonly onFetched?: ((queue: string, count: number, startedAt: number) => void) | undefined;
}

/** What differs from claim to claim. */
interface ClaimRequest {
  readonly limit: number;
  readonly token: string;
  /** Whether it was sent before and its answer was lost. */
  readonly isAgain: boolean;
  /** Whether to be marked as idle also after finding something, if that was less than was asked for. */
  readonly isSeldom: boolean;
}

/** Batches that may wait for their settlement before nothing more is claimed. */
const unsettledBatches = 4;
/** Cancellations that may be remembered; one that is forgotten is told when its execution is settled. */
const mostCanceled = 10_000;
/** An invocation that commits while a worker is being marked as idle wakes nobody, so it looks once more. */
const secondLookMs = 20;
/**
 * Work that comes more seldom than this is waited for by the mark alone. Each notification is a commit, so what comes more often
 * is looked for without one; being marked and unmarked for each execution would be two.
 */
const seldomMs = 10;

/**
 * Works at one queue: claims batches, runs them, `concurrency` at a time, and claims the next ones meanwhile.
 *
 * ```text
 *            room and not dry                     free slot
 *   (queue) ─────────────────▶ claimed batches ─────────────▶ running ──▶ host.ended ──▶ settle loop
 *      ▲   nothing, or little and seldom: dry until woken        │
 *      └─────────────────────── pump ◀───────────────────────────┘
 * ```
 */
export class QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #taskNames: readonly string[];
  /** Executions that may have begun at a time: a slot may run a whole batch. */
  readonly #mostAtOnce: number;
  readonly #claimSize: ClaimSize;
  readonly #buffer: ClaimBuffer;
  readonly #trust: LeaseTrust;
  readonly #running = new Set<Execution>();
  readonly #canceled = new Map<number, unknown>();
  readonly #collector: BatchCollector;
  /** How many of its `concurrency` are in use; a batch that runs takes one, whatever its size. */
  #slots = 0;
  #requested = 0;
  #flying = 0;
  #isClaiming = false;
  #isDry = false;
  #isFilling = false;
  #isMarkedIdle = false;
  /** Whether the last claim got less than it asked for: then one at a time is enough. */
  #isShort = false;
  /** When a claim last found something; of `performance.now()`. */
  #foundAt = Number.NEGATIVE_INFINITY;
  /** How often it was told to look: a claim that was sent before says nothing of what came since. */
  #wakes = 0;
  /** Of claims that may have taken something and were never answered. */
  readonly #unanswered: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: QueueWorkerOptions) {
    this.#options = options;
    this.#taskNames = options.tasks.map(({ name }) => name);
    const largestBatch = Math.max(1, ...options.tasks.map(({ batch }) => batch?.size ?? 1));
    this.#mostAtOnce = options.concurrency * largestBatch;
    this.#claimSize = new ClaimSize(options.concurrency, options.batchSize);
    this.#buffer = new ClaimBuffer(options.host, options.tasks, (batch) => this.#takenUp(batch));
    this.#trust = new LeaseTrust(() => options.onLate());
    this.#collector = new BatchCollector(options.host, options.tasks, () => this.#fill());
  }

  get queue(): string {
    return this.#options.queue;
  }

  get running(): ReadonlySet<Execution> {
    return this.#running;
  }

  /** Whether it has found nothing and holds nothing. */
  get isQuiet(): boolean {
    return this.#isDry && this.#flying === 0 && this.#buffer.size === 0 && this.#running.size === 0;
  }

  start(): void {
    this.#isClaiming = true;
    this.#isMarkedIdle = false;
    this.wake();
  }

  /** Looks for work at once. */
  wake(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDry = false;
    this.#wakes += 1;
    this.pump();
  }

  /** Claims no more, and gives back what has not been started. */
  pause(): void {
    this.#isClaiming = false;
    clearTimeout(this.#timer);
    this.#releaseBuffered();
    this.#collector.giveBack();
    for (const token of this.#unanswered.splice(0)) void this.#claim(0, token);
  }

  /** Whether it claims no more. */
  get isPaused(): boolean {
    return !this.#isClaiming;
  }

  /** Whether nothing is claimed, nor about to be. */
  get isEmpty(): boolean {
    return this.#flying === 0 && this.#running.size === 0;
  }

  /** The execution of that id, if it runs here; one that has not been started yet ends when its turn comes. */
  find(id: number, cancellation: unknown): Execution | undefined {
    for (const execution of this.#running) if (execution.id === id) return execution;
    // Word of a cancellation may overtake the answer of the claim.
    if (this.#flying > 0 || this.#buffer.includes(id)) this.#noteCanceled(id, cancellation);
    return undefined;
  }

  /** Most of those that are in no claim yet never come here, so only the newest are remembered. */
  #noteCanceled(id: number, cancellation: unknown): void {
    this.#canceled.set(id, cancellation);
    const [oldest] = this.#canceled.keys();
    if (this.#canceled.size > mostCanceled && oldest !== undefined) this.#canceled.delete(oldest);
  }

  /** The leases of all that it holds, down to what is on its way to be settled. */
  leaseIds(): ReadonlySet<number> {
    return this.#buffer.leaseIds();
  }

  /** The leases have been renewed. @param until when they hold; of `performance.now()` */
  renewed(until: number): void {
    this.#trust.renewed(until);
    this.#fill();
  }

  /** Others have taken over what these leases held: it is not begun here any more. */
  drop(lost: ReadonlySet<number>): void {
    this.#buffer.drop(lost);
  }

  /** Gives back what has waited here for a place for long: another worker may have one. Called now and then. */
  giveBackLate(): void {
    const late = performance.now() - slowMs;
    if (!this.#buffer.isOlderThan(late)) return;
    this.#claimSize.gaveBack();
    this.#releaseBuffered(late);
  }

  /** The host calls it when a run has ended. */
  ended(execution: Execution): void {
    if (!this.#running.delete(execution)) return;
    if (execution.run === undefined || execution.run.isOver) this.#slots -= 1;
    this.#fill();
  }

  /** Claims as long as there is room. */
  pump(): void {
    const most = this.#isShort ? 1 : this.#options.inFlight;
    while (this.#isClaiming && !this.#isDry && this.#flying < most) {
      const limit = this.#room();
      if (limit === 0) return;
      void this.#claim(limit);
    }
  }

  /** Whole batches, where work is claimed ahead: half ones cost the database a tenth more for each execution. */
  #room(): number {
    const { concurrency, inFlight, batchSize, unsettled } = this.#options;
    if (unsettled() > unsettledBatches * batchSize) return 0;
    const { ahead, most } = this.#claimSize;
    const free = concurrency - this.#slots;
    const wanted =
      free + (free > 0 ? this.#collector.room : 0) + ahead * inFlight - this.#buffer.size - this.#requested;
    const limit = Math.min(wanted, most);
    return limit >= Math.max(1, ahead) ? limit : 0;
  }

  /** @param unanswered token of an earlier claim: what that one took is given back first */
  async #claim(limit: number, unanswered = this.#unanswered.pop()): Promise<void> {
    const { sql, queries, queue, onClaimed, onFetched } = this.#options;
    const isAgain = unanswered !== undefined;
    const token = unanswered ?? randomUUID();
    this.#flying += 1;
    this.#requested += limit;
    const startedAt = onFetched === undefined ? 0 : performance.now();
    const wakes = this.#wakes;
    const wasMarked = this.#isMarkedIdle;
    const isSeldom = performance.now() - this.#foundAt > seldomMs;
    const request = { limit, token, isSeldom };
    try {
      const answer = await query<ClaimAnswer>(
        sql,
        queries.claim,
        [this.#request({ ...request, isAgain })],
        () => [this.#request({ ...request, isAgain: true })],
      );
      this.#requested -= limit;
      this.#flying -= 1;
      onFetched?.(queue, answer.count, startedAt);
      this.#isShort = answer.count < limit;
      if (this.#isShort && (isSeldom || answer.count === 0)) this.#emptied(wakes, wasMarked);
      else this.#isMarkedIdle = this.#isDry = false;
      if (answer.count > 0) this.#found(new ClaimedBatch(answer, limit));
      else this.#fill();
      if (this.#flying === 0 && this.#buffer.size === 0) this.#canceled.clear();
      onClaimed();
    } catch (error) {
      this.#requested -= limit;
      this.#flying -= 1;
      this.#unanswered.push(token);
      this.#isDry = true;
      const isTooMuch = !(error instanceof DatabaseUnavailableError) && this.#claimSize.refused(limit);
      this.#lookAgain(isTooMuch ? secondLookMs : this.#options.pollMs);
      onClaimed(error);
    }
  }

  #request(ofClaim: ClaimRequest): string {
    const { worker, queue, leaseMs, withTraces } = this.#options;
    return JSON.stringify({
      ...ofClaim,
      worker,
      queue,
      tasks: this.#taskNames,
      leaseMs,
      slots: this.#mostAtOnce,
      traces: withTraces,
    });
  }

  /**
   * A claim took all there was and marked this worker as idle: whoever invokes something wakes it.
   *
   * @param wasMarked when it was sent; another claim may have removed the mark since
   */
  #emptied(wakes: number, wasMarked: boolean): void {
    const isKept = wasMarked && this.#isMarkedIdle;
    this.#isMarkedIdle = true;
    if (wakes !== this.#wakes) return;
    this.#isDry = true;
    this.#lookAgain(isKept ? this.#options.pollMs : secondLookMs);
  }

  #lookAgain(afterMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isClaiming) return;
    this.#timer = setTimeout(() => this.wake(), afterMs * (0.75 + Math.random() / 2));
  }

  #found(batch: ClaimedBatch): void {
    this.#foundAt = batch.arrivedAt;
    this.#buffer.add(batch);
    if (this.#isClaiming) this.#fill();
    else this.#releaseBuffered();
  }

  /** A run that ends at once, before its start has returned, comes here again: the outer call goes on for it. */
  #fill(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    while (this.#slots < this.#options.concurrency && this.#trust.holds) {
      const run = this.#collector.next();
      if (run !== undefined) {
        this.#slots += 1;
        void runBatch(run);
        continue;
      }
      const execution = this.#buffer.next();
      if (execution === undefined) break;
      this.#start(execution);
    }
    this.#isFilling = false;
    if (this.#isDry && this.#buffer.size === 0 && this.#options.isDraining()) this.#collector.hurry();
    this.pump();
  }

  #start(execution: Execution): void {
    if (this.#canceled.size > 0 && this.#isCanceled(execution)) return;
    if (execution.task.isGated && execution.batch.gateOf(execution.id) === null) {
      execution.end({ kind: 'released', delayMs: 0, isUnstarted: true, isUngated: true });
      return;
    }
    this.#running.add(execution);
    if (execution.task.batch !== undefined) this.#collector.add(execution);
    else {
      this.#slots += 1;
      void runExecution(execution);
    }
  }

  #isCanceled(execution: Execution): boolean {
    const error = this.#canceled.get(execution.id);
    if (!this.#canceled.delete(execution.id)) return false;
    execution.end({ kind: 'canceled', error });
    return true;
  }

  #takenUp({ count, limit, arrivedAt, size }: ClaimedBatch): void {
    this.#claimSize.learn(count === limit, performance.now() - arrivedAt, size);
  }

  /** @param then of `performance.now()`: what arrived since stays */
  #releaseBuffered(then: number = Number.POSITIVE_INFINITY): void {
    while (this.#buffer.isOlderThan(then))
      this.#buffer.next()?.end({ kind: 'released', delayMs: 0, isUnstarted: true, isUngated: false });
  }
}
