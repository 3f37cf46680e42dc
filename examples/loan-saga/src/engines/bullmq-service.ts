import { FlowProducer, observeQueue, Queue, QueueEvents } from '@throughline/bullmq';
import type { LoanApplication } from '../loan-application.ts';
import { RETRY_AFTER_MS, type SagaJob } from '../saga-jobs.ts';
import type { BullmqSettings } from './bullmq-settings.ts';

const DONE_WITHIN_MS = 30_000;
const A_DAY_MS = 86_400_000;

/** A service that is reached through its queue. */
export class BullmqService {
  readonly queueName: SagaJob['queue'];
  readonly #queue: Queue<LoanApplication>;
  readonly #flows: FlowProducer;
  readonly #events: QueueEvents;

  constructor(queueName: SagaJob['queue'], settings: BullmqSettings) {
    this.queueName = queueName;
    this.#queue = new Queue<LoanApplication>(queueName, settings);
    this.#flows = new FlowProducer(settings);
    this.#events = new QueueEvents(queueName, { connection: settings.connection, prefix: settings.prefix });
    observeQueue(this.#queue, settings.telemetry, { intervalMs: 500 });
  }

  /** Adds a job, below those that come before it, and waits for its result; rejects with the job's failure. */
  async perform<R>(
    { name, attempts = 1 }: SagaJob,
    data: LoanApplication,
    after: readonly SagaJob[] = [],
  ): Promise<R> {
    const { queueName } = this;
    const children = after.map((child) => ({ name: child.name, queueName, data }));
    const opts = { attempts, backoff: { type: 'fixed', delay: RETRY_AFTER_MS } };
    const job =
      children.length > 0
        ? (await this.#flows.add({ name, queueName, data, opts, children })).job
        : await this.#queue.add(name, data, opts);
    return (await job.waitUntilFinished(this.#events, DONE_WITHIN_MS)) as R;
  }

  /** Adds a job for every day from now on, and waits for that of today. */
  async performDaily({ name }: SagaJob, data: LoanApplication): Promise<void> {
    const schedule = `${name} ${data.id}`;
    const today = await this.#queue.upsertJobScheduler(schedule, { every: A_DAY_MS }, { name, data });
    await today?.waitUntilFinished(this.#events, DONE_WITHIN_MS);
  }

  ready(): Promise<unknown> {
    const parts = [this.#queue, this.#flows, this.#events];
    return Promise.all(parts.map((part) => part.waitUntilReady()));
  }

  async close(): Promise<void> {
    await this.#queue.obliterate({ force: true });
    await Promise.all([this.#queue.close(), this.#flows.close(), this.#events.close()]);
  }
}
