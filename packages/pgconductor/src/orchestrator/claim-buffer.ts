import type { ClaimedBatch } from '../execution/claimed-batch.ts';
import type { Execution, ExecutionHost } from '../execution/execution.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';

/** What a worker has claimed: what waits here for its turn, in the order of the claims, and the leases of all that is open. */
export class ClaimBuffer {
  readonly #host: ExecutionHost;
  readonly #tasks: readonly RunnableTask[];
  readonly #onTakenUp: (batch: ClaimedBatch) => void;
  /** All that is not settled. */
  readonly #held = new Set<ClaimedBatch>();
  #batches: ClaimedBatch[] = [];
  #size = 0;

  /**
   * @param tasks those that the database was asked for, in that order
   * @param onTakenUp called when the last of a batch has been taken
   */
  constructor(host: ExecutionHost, tasks: readonly RunnableTask[], onTakenUp: (batch: ClaimedBatch) => void) {
    this.#host = host;
    this.#tasks = tasks;
    this.#onTakenUp = onTakenUp;
  }

  /** How many wait for their turn. */
  get size(): number {
    return this.#size;
  }

  add(batch: ClaimedBatch): void {
    this.#held.add(batch);
    this.#batches.push(batch);
    this.#size += batch.count;
  }

  /** Takes the next one; `undefined` when none is left. */
  next(): Execution | undefined {
    const batch = this.#batches[0];
    if (batch === undefined) return undefined;
    const place = batch.taken;
    batch.taken += 1;
    this.#size -= 1;
    if (batch.taken === batch.count) {
      this.#batches.shift();
      this.#onTakenUp(batch);
    }
    const task = this.#tasks[(batch.tasks?.[place] ?? 1) - 1] as RunnableTask;
    return this.#host.execution(batch, place, task);
  }

  /** Whether the next one has waited since before then; of `performance.now()`. */
  isOlderThan(then: number): boolean {
    const [batch] = this.#batches;
    return batch !== undefined && batch.arrivedAt < then;
  }

  /** Whether the execution of that id waits for its turn. */
  includes(id: number): boolean {
    return this.#batches.some((batch) => batch.ids.includes(id, batch.taken));
  }

  /** The leases of all that it holds, down to what is on its way to be settled. */
  leaseIds(): ReadonlySet<number> {
    const leases = new Set<number>();
    for (const batch of this.#held)
      if (batch.open === 0) this.#held.delete(batch);
      else leases.add(batch.lease);
    return leases;
  }

  /** Others have taken over what these leases held. */
  drop(lost: ReadonlySet<number>): void {
    for (const batch of this.#held) if (lost.has(batch.lease)) this.#held.delete(batch);
    this.#batches = this.#batches.filter(({ lease }) => !lost.has(lease));
    this.#size = this.#batches.reduce((sum, { count, taken }) => sum + count - taken, 0);
  }
}
