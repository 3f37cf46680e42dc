import type { BatchHost, BatchRun } from '../execution/batch-run.ts';
import type { Execution } from '../execution/execution.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';

/** Puts executions of batch tasks together until there are enough of them, or until the first has waited long enough. */
export class BatchCollector {
  readonly #host: BatchHost;
  readonly #tasks: readonly RunnableTask[];
  readonly #onReady: () => void;
  readonly #collecting = new Map<RunnableTask, BatchRun>();
  #ready: BatchRun[] = [];

  /** @param onReady called when a batch is ready that is not full: nobody would look for it */
  constructor(host: BatchHost, tasks: readonly RunnableTask[], onReady: () => void) {
    this.#host = host;
    this.#tasks = tasks.filter(({ batch }) => batch !== undefined);
    this.#onReady = onReady;
  }

  /** How many executions would fill the batches. */
  get room(): number {
    let room = 0;
    for (const task of this.#tasks) room += (task.batch?.size ?? 0) - (this.#collecting.get(task)?.open ?? 0);
    return room;
  }

  add(execution: Execution): void {
    const { task } = execution;
    const run = this.#collecting.get(task) ?? this.#begin(task);
    run.add(execution);
    if (run.open >= (task.batch?.size ?? 1)) this.#release(run);
  }

  #begin(task: RunnableTask): BatchRun {
    const run = this.#host.batchRun(task);
    this.#collecting.set(task, run);
    run.timer = setTimeout(() => {
      this.#release(run);
      this.#onReady();
    }, task.batch?.timeoutMs);
    return run;
  }

  #release(run: BatchRun): void {
    clearTimeout(run.timer);
    this.#collecting.delete(run.task);
    this.#ready.push(run);
  }

  /** The next batch to run. All members of one may have been cancelled: it is none then. */
  next(): BatchRun | undefined {
    if (this.#ready.length === 0) return undefined;
    const run = this.#ready.shift();
    return run === undefined || run.open > 0 ? run : this.next();
  }

  /** Waits for no more members. */
  hurry(): void {
    if (this.#collecting.size === 0) return;
    for (const run of [...this.#collecting.values()]) this.#release(run);
    this.#onReady();
  }

  /** Gives back what has not been started. */
  giveBack(): void {
    for (const run of [...this.#collecting.values()]) this.#release(run);
    for (const run of this.#ready.splice(0)) run.giveBack();
  }
}
