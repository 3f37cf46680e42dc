import { LeaseLostError } from '../execution/lease-lost-error.ts';
import { ReleasedError } from '../execution/released-error.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';
import type { QueueWorker } from './queue-worker.ts';

/** The workers of one orchestrator, one for each of its queues. */
export class QueueWorkers implements Iterable<QueueWorker> {
  readonly #byQueue: ReadonlyMap<string, QueueWorker>;

  /** @param tasks by queue */
  constructor(
    tasks: ReadonlyMap<string, readonly RunnableTask[]>,
    workerOf: (queue: string, tasks: readonly RunnableTask[]) => QueueWorker,
  ) {
    this.#byQueue = new Map([...tasks].map(([queue, own]) => [queue, workerOf(queue, own)]));
  }

  [Symbol.iterator](): Iterator<QueueWorker> {
    return this.#byQueue.values();
  }

  /** Whether all of them have found nothing and hold nothing. */
  get areQuiet(): boolean {
    return [...this].every((worker) => worker.isQuiet);
  }

  /** Whether nothing is claimed, nor about to be. */
  get areEmpty(): boolean {
    return [...this].every((worker) => worker.isEmpty);
  }

  start(): void {
    for (const worker of this) worker.start();
  }

  /** They claim no more, and give back what has not been started. */
  pause(): void {
    for (const worker of this) worker.pause();
  }

  /** They claim where there is room. */
  pump(): void {
    for (const worker of this) worker.pump();
  }

  /** They give back what has waited for a place for long. */
  giveBackLate(): void {
    for (const worker of this) worker.giveBackLate();
  }

  /** They look for work at once. @param queue that of one; all of them without */
  wake(queue?: string): void {
    for (const worker of queue === undefined ? this : this.#of(queue)) worker.wake();
  }

  #of(queue: string): readonly QueueWorker[] {
    const worker = this.#byQueue.get(queue);
    return worker === undefined ? [] : [worker];
  }

  /** The leases of all that they hold. */
  leaseIds(): readonly number[] {
    return [...this].flatMap((worker) => [...worker.leaseIds()]);
  }

  /** The leases have been renewed. @param until when they hold; of `performance.now()` */
  renewed(until: number): void {
    for (const worker of this) worker.renewed(until);
  }

  /** Others have taken over what these leases held. */
  drop(lost: ReadonlySet<number>): void {
    for (const worker of this) {
      for (const execution of worker.running)
        if (lost.has(execution.batch.lease)) execution.abort(new LeaseLostError());
      worker.drop(lost);
    }
  }

  /** Asks an execution to stop, if it is here. @returns the queue in which it runs */
  cancel(id: number, reason: unknown): string | undefined {
    for (const worker of this) {
      const execution = worker.find(id, reason);
      if (execution === undefined) continue;
      execution.abort(reason);
      return worker.queue;
    }
    return undefined;
  }

  /**
   * Aborts what runs and gives it back. The lease is given up only together with the abort: whatever a handler still returns is
   * late, and changes nothing.
   */
  giveBack(): void {
    for (const worker of this)
      for (const execution of [...worker.running]) {
        execution.abort(new ReleasedError());
        execution.end({ kind: 'released', delayMs: 0, isUnstarted: false, isUngated: false });
      }
  }

  /** By lease and execution, for whoever has to take over. Only of what outlasts a heartbeat. */
  carriers(): object {
    const carriers: Record<string, Record<string, object>> = {};
    for (const worker of this)
      for (const { carrier, batch, id } of worker.running)
        if (carrier !== undefined) carriers[batch.lease] = { ...carriers[batch.lease], [id]: carrier };
    return carriers;
  }
}
