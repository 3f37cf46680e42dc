import { Queue, QueueEvents, Worker } from '@throughline/bullmq';
import { recordEvent, type Span, type Telemetry, type TraceContext, traced } from '@throughline/core';
import { UnrecoverableError } from 'bullmq';
import { jobs, type LoanApplication, queues } from '../loan-application.ts';
import { decideRisk } from '../outside-world/risk-model.ts';
import { type QueueSettings, runSagaProcess, tell } from '../saga-process.ts';

const STAGE_TIMEOUT_MS = 30_000;

await runSagaProcess('orchestrator', async (telemetry, settings) => {
  const credit = openService(queues.credit, settings, telemetry);
  const funding = openService(queues.funding, settings, telemetry);
  const worker = new Worker<LoanApplication>(
    queues.loan,
    (job) => runSaga(telemetry, { credit, funding }, job.data),
    { ...settings, telemetry },
  );
  await Promise.all([worker.waitUntilReady(), credit.ready(), funding.ready()]);

  return {
    async stop() {
      await worker.close();
      await Promise.all([credit.close(), funding.close()]);
    },
  };
});

/** Validate, reserve credit, decide, fund; when funding fails, give the credit back. */
async function runSaga(
  telemetry: Telemetry,
  { credit, funding }: { credit: Service; funding: Service },
  application: LoanApplication,
): Promise<{ approved: boolean }> {
  await traced(telemetry, 'stage:validate', () => validate(application), { data: { compensation: 'none' } });

  const creditStage: { context?: TraceContext } = {};
  const reserved = await traced(telemetry, 'stage:credit', (span: Span) => {
    creditStage.context = span.context;
    return credit.perform<{ score: number }>(jobs.reserveCredit, application, { attempts: 3 });
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

/** A service that is reached through its queue. */
interface Service {
  /** Adds a job and waits for its result; rejects with the job's failure. */
  perform<R>(name: string, application: LoanApplication, options?: { attempts: number }): Promise<R>;
  ready(): Promise<unknown>;
  close(): Promise<unknown>;
}

function openService(name: string, settings: QueueSettings, telemetry: Telemetry): Service {
  const queue = new Queue<LoanApplication>(name, { ...settings, telemetry });
  const events = new QueueEvents(name, settings);
  return {
    async perform<R>(jobName: string, application: LoanApplication, options?: { attempts: number }) {
      const job = await queue.add(jobName, application, {
        attempts: options?.attempts ?? 1,
        backoff: { type: 'fixed', delay: 300 },
      });
      return (await job.waitUntilFinished(events, STAGE_TIMEOUT_MS)) as R;
    },
    ready: () => Promise.all([queue.waitUntilReady(), events.waitUntilReady()]),
    async close() {
      await queue.obliterate({ force: true });
      await Promise.all([queue.close(), events.close()]);
    },
  };
}
