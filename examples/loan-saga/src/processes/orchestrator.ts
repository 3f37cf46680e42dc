import { FlowProducer, observeQueue, Queue, QueueEvents, Worker } from '@throughline/bullmq';
import { recordEvent, type Span, type Telemetry, type TraceContext, traced } from '@throughline/core';
import { UnrecoverableError } from 'bullmq';
import { jobs, type LoanApplication, queues } from '../loan-application.ts';
import { decideRisk } from '../outside-world/risk-model.ts';
import { type QueueSettings, runSagaProcess, tell } from '../saga-process.ts';

const STAGE_TIMEOUT_MS = 30_000;
const A_DAY_MS = 86_400_000;

await runSagaProcess('orchestrator', async (telemetry, settings) => {
  const credit = openService(queues.credit, settings, telemetry);
  const funding = openService(queues.funding, settings, telemetry);
  const notices = openService(queues.notices, settings, telemetry);
  const services = { credit, funding, notices };
  const worker = new Worker<LoanApplication>(queues.loan, (job) => runSaga(telemetry, services, job.data), {
    ...settings,
    telemetry,
  });
  await Promise.all([worker.waitUntilReady(), ...Object.values(services).map((each) => each.ready())]);

  return {
    async stop() {
      await worker.close();
      await Promise.all(Object.values(services).map((each) => each.close()));
    },
  };
});

/** Validate, keep the applicant informed, reserve credit, decide, fund; when funding fails, give the credit back. */
async function runSaga(
  telemetry: Telemetry,
  { credit, funding, notices }: { credit: Service; funding: Service; notices: Service },
  application: LoanApplication,
): Promise<{ approved: boolean }> {
  await traced(telemetry, 'stage:validate', () => validate(application), { data: { compensation: 'none' } });
  await notices.performDaily(jobs.informApplicant, application);

  const creditStage: { context?: TraceContext } = {};
  const reserved = await traced(telemetry, 'stage:credit', (span: Span) => {
    creditStage.context = span.context;
    return credit.perform<{ score: number }>(jobs.reserveCredit, application, {
      attempts: 3,
      after: [jobs.checkIncome, jobs.checkDebts],
    });
  });

  const risk = decideRisk(reserved.score);
  recordEvent(telemetry, 'ai:decision', { data: { ...risk }, tags: ['ai'] });
  tell(`risk model: ${risk.decision}, confidence ${risk.confidence}`);

  try {
    await traced(telemetry, 'stage:funding', () => funding.perform(jobs.transferFunds, application));
  } catch (error) {
    await traced(telemetry, 'compensate:credit', () => credit.perform(jobs.releaseCredit, application), {
      compensates: creditStage.context,
    });
    throw new UnrecoverableError(error instanceof Error ? error.message : String(error));
  }
  return { approved: true };
}

async function validate({ amount, income }: LoanApplication): Promise<void> {
  if (!(amount > 0 && income > 0)) throw new UnrecoverableError('Amount and income must be positive');
  tell('application is valid');
}

interface PerformOptions {
  readonly attempts?: number;
  /** Jobs that have to be done before. */
  readonly after?: readonly string[];
}

/** A service that is reached through its queue. */
interface Service {
  /** Adds a job, below those that come before it, and waits for its result; rejects with the job's failure. */
  perform<R>(name: string, application: LoanApplication, options?: PerformOptions): Promise<R>;
  /** Adds a job for every day from now on, and waits for that of today. */
  performDaily(name: string, application: LoanApplication): Promise<void>;
  ready(): Promise<unknown>;
  close(): Promise<unknown>;
}

function openService(queueName: string, settings: QueueSettings, telemetry: Telemetry): Service {
  const queue = new Queue<LoanApplication>(queueName, { ...settings, telemetry });
  const flows = new FlowProducer({ ...settings, telemetry });
  const events = new QueueEvents(queueName, settings);
  observeQueue(queue, telemetry, { intervalMs: 500 });
  return {
    async perform<R>(name: string, data: LoanApplication, { attempts = 1, after = [] }: PerformOptions = {}) {
      const children = after.map((childName) => ({ name: childName, queueName, data }));
      const opts = { attempts, backoff: { type: 'fixed', delay: 300 } };
      const job =
        after.length > 0
          ? (await flows.add({ name, queueName, data, opts, children })).job
          : await queue.add(name, data, opts);
      return (await job.waitUntilFinished(events, STAGE_TIMEOUT_MS)) as R;
    },
    async performDaily(name, data) {
      const schedule = `${name} ${data.id}`;
      const today = await queue.upsertJobScheduler(schedule, { every: A_DAY_MS }, { name, data });
      await today?.waitUntilFinished(events, STAGE_TIMEOUT_MS);
    },
    ready: () => Promise.all([queue.waitUntilReady(), flows.waitUntilReady(), events.waitUntilReady()]),
    async close() {
      await queue.obliterate({ force: true });
      await Promise.all([queue.close(), flows.close(), events.close()]);
    },
  };
}
