import {
  DelayedError,
  type Job,
  RateLimitError,
  UnrecoverableError,
  WaitingError,
  type Worker,
} from 'bullmq';
import { ByName } from './by-name.ts';
import type { ScriptedJob } from './workload.ts';

/** Does what the jobs say, and keeps what the worker tells of them. */
export class WatchedJobs {
  readonly starts: string[] = [];
  readonly told: ByName<string> = new ByName();
  readonly strangers: string[] = [];
  readonly errors: string[] = [];
  readonly #jobs: ReadonlyMap<string, ScriptedJob>;
  readonly #ends = new Map<Job, unknown>();
  #worker: Worker | undefined;

  constructor(jobs: ReadonlyMap<string, ScriptedJob>) {
    this.#jobs = jobs;
  }

  /** Not `async`: some jobs throw before there is a promise. */
  readonly processor = (job: Job, token?: string): Promise<unknown> => {
    this.starts.push(`${job.name} start ${job.attemptsStarted}`);
    const ending = this.#jobs.get(job.name)?.endings[job.attemptsStarted - 1] ?? 'returns';
    const error = new Error('busy');
    switch (ending) {
      case 'returns':
        return Promise.resolve(this.#end(job, { by: job.name }));
      case 'throws at once':
        throw this.#end(job, error);
      case 'throws':
        return Promise.reject(this.#end(job, error));
      case 'throws text':
        return Promise.reject(this.#end(job, 'busy'));
      case 'gives up':
        return Promise.reject(this.#end(job, new UnrecoverableError('no such address')));
      case 'puts off':
        return this.#handBack(job.moveToDelayed(Date.now() + 5, token), new DelayedError());
      case 'hands over':
        return this.#handBack(job.moveToWait(token), new WaitingError());
      case 'slows down':
        return this.#handBack(this.#worker?.rateLimit(5), new RateLimitError());
    }
  };

  watch(worker: Worker): void {
    this.#worker = worker;
    worker.on('error', ({ message }) => this.errors.push(message));
    worker.on('active', (job, previous) => this.#tell(job, `active, was ${previous}`));
    worker.on('completed', (job, result, previous) => {
      this.#tell(job, `completed ${JSON.stringify(result)}, was ${previous}, failures ${job.attemptsMade}`);
      this.#compare(job, result);
    });
    worker.on('failed', (job, error, previous) => {
      if (job === undefined) return;
      const { attemptsMade, delay, failedReason, finishedOn } = job;
      const isOver = finishedOn !== undefined;
      this.#tell(job, `failed ${error.message}, was ${previous}, failures ${attemptsMade}, ${failedReason}`);
      this.#tell(job, isOver ? 'no further attempt' : `another attempt in ${delay} ms`);
      this.#compare(job, error);
    });
  }

  #tell(job: Job, what: string): void {
    this.told.add(job.name, what);
  }

  #end<T>(job: Job, end: T): T {
    this.#ends.set(job, end);
    return end;
  }

  #compare(job: Job, end: unknown): void {
    if (this.#ends.has(job) && this.#ends.get(job) !== end) this.strangers.push(`${job.name}: ${end}`);
  }

  async #handBack(moved: Promise<unknown> | undefined, error: Error): Promise<never> {
    await moved;
    throw error;
  }
}
