import type { JsonValue } from '@throughline/core';

/** A job as the queue keeps it. */
export interface QueuedJob {
  readonly id: string;
  readonly name: string;
  readonly data: JsonValue;
  readonly attempts: number;
  /** What an adapter put beside the payload. */
  readonly carrier: string | undefined;
  /** Starts so far. */
  attempt: number;
}

export type Settlement = { readonly result: JsonValue } | { readonly error: string };

/** A queue without telemetry: keeps jobs in memory, tries them again, and tells how they ended. */
export class MemoryQueue {
  readonly #waiting: QueuedJob[] = [];
  readonly #settlements = new Map<string, PromiseWithResolvers<Settlement>>();
  #next = 1;
  #work: ((job: QueuedJob) => Promise<JsonValue>) | undefined;

  async add(name: string, data: JsonValue, attempts: number, carrier?: string): Promise<string> {
    if (name === '') throw new TypeError('a job needs a name');
    await new Promise((resolve) => setImmediate(resolve));
    const id = String(this.#next++);
    this.#settlements.set(id, settlement());
    this.#waiting.push({ id, name, data: JSON.parse(JSON.stringify(data)), attempts, carrier, attempt: 0 });
    this.#drain();
    return id;
  }

  process(work: (job: QueuedJob) => Promise<JsonValue>): void {
    this.#work = work;
    this.#drain();
  }

  settled(id: string): Promise<Settlement> {
    return this.#settlements.get(id)?.promise ?? Promise.reject(new Error(`no job ${id}`));
  }

  #drain(): void {
    while (this.#work !== undefined) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      void this.#start(job, this.#work);
    }
  }

  async #start(job: QueuedJob, work: (job: QueuedJob) => Promise<JsonValue>): Promise<void> {
    job.attempt++;
    await new Promise((resolve) => setImmediate(resolve));
    try {
      this.#settlements.get(job.id)?.resolve({ result: await work(job) });
    } catch (error) {
      if (job.attempt >= job.attempts)
        this.#settlements.get(job.id)?.resolve({ error: (error as Error).message });
      else this.#waiting.push(job);
      this.#drain();
    }
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function settlement(): PromiseWithResolvers<Settlement> {
  let resolve: (value: Settlement) => void = () => {};
  const promise = new Promise<Settlement>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
