import { Queue, Worker } from '@throughline/bullmq';
import { DelayedError } from 'bullmq';
import type { LoanApplication } from '../loan-application.ts';
import { perform } from '../perform.ts';
import type { RunSaga, SagaEngine, SagaInbox, ServiceWork, Stoppable } from '../saga-engine.ts';
import { jobs } from '../saga-jobs.ts';
import { BullmqSaga } from './bullmq-saga.ts';
import { BullmqService } from './bullmq-service.ts';
import type { BullmqSettings } from './bullmq-settings.ts';

/** The saga on BullMQ: its job is active from beginning to end, and waits for the jobs of the services. */
export class BullmqEngine implements SagaEngine {
  readonly #settings: BullmqSettings;

  constructor(settings: BullmqSettings) {
    this.#settings = settings;
  }

  async openInbox(): Promise<SagaInbox> {
    const loans = new Queue<LoanApplication>(jobs.apply.queue, this.#settings);
    await loans.waitUntilReady();
    return {
      async submit(application) {
        await loans.add(jobs.apply.name, application, { jobId: application.id });
        return application.id;
      },
      async hasEnded(id) {
        const state = await loans.getJobState(id);
        return state === 'completed' || state === 'failed';
      },
      async stop() {
        await loans.obliterate({ force: true });
        await loans.close();
      },
    };
  }

  async runSagas(runSaga: RunSaga): Promise<Stoppable> {
    const services = (['credit', 'funding', 'notices'] as const).map(
      (queue) => new BullmqService(queue, this.#settings),
    );
    const worker = new Worker<LoanApplication>(
      jobs.apply.queue,
      ({ data }) => runSaga(new BullmqSaga(this.#settings.telemetry, services, data), data),
      this.#settings,
    );
    await Promise.all([worker.waitUntilReady(), ...services.map((service) => service.ready())]);
    return {
      async stop() {
        await worker.close();
        await Promise.all(services.map((service) => service.close()));
      },
    };
  }

  async serve(work: readonly [ServiceWork, ...ServiceWork[]]): Promise<Stoppable> {
    const worker = new Worker<LoanApplication>(
      work[0].job.queue,
      async (job, token) => {
        const wanted = work.find((one) => one.job.name === job.name) ?? work[0];
        const lockedMs = (await wanted.lockedFor?.(job.data)) ?? 0;
        if (lockedMs > 0) {
          await job.moveToDelayed(Date.now() + lockedMs, token);
          throw new DelayedError();
        }
        return perform(wanted, job.data);
      },
      this.#settings,
    );
    await worker.waitUntilReady();
    return { stop: () => worker.close() };
  }

  async close(): Promise<void> {}
}
