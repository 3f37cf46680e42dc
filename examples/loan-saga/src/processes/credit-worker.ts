import { Worker } from '@throughline/bullmq';
import { jobs, type LoanApplication, queues } from '../loan-application.ts';
import { CreditBureau } from '../outside-world/credit-bureau.ts';
import { runSagaProcess, tell } from '../saga-process.ts';

await runSagaProcess('credit-worker', async (telemetry, settings) => {
  const bureau = new CreditBureau();

  const worker = new Worker<LoanApplication>(
    queues.credit,
    async ({ name, data }) => {
      switch (name) {
        case jobs.checkIncome:
          return { yearsOfIncome: data.amount / data.income };
        case jobs.checkDebts:
          return { debts: 0 };
        case jobs.releaseCredit:
          await bureau.release(data);
          tell('credit released');
          return { released: true };
        default: {
          const reserved = await bureau.reserve(data);
          tell(`credit reserved, score ${reserved.score}`);
          return reserved;
        }
      }
    },
    { ...settings, telemetry },
  );
  worker.on('failed', (job, error) => tell(`${job?.name ?? 'job'} failed: ${error.message}`));
  await worker.waitUntilReady();

  return { stop: () => worker.close() };
});
