import { Worker } from '@throughline/bullmq';
import { DelayedError } from 'bullmq';
import { type LoanApplication, queues } from '../loan-application.ts';
import { Bank } from '../outside-world/bank.ts';
import { runSagaProcess, tell } from '../saga-process.ts';

const BALANCE_FOR_LOANS = 100_000;

await runSagaProcess('funding-worker', async (telemetry, settings) => {
  const bank = new Bank(BALANCE_FOR_LOANS);

  const worker = new Worker<LoanApplication>(
    queues.funding,
    async (job, token) => {
      const lockedMs = await bank.lockedFor(job.data);
      if (lockedMs > 0) {
        tell(`the bank's books are locked, again in ${lockedMs} ms`);
        await job.moveToDelayed(Date.now() + lockedMs, token);
        throw new DelayedError();
      }
      const result = await bank.transfer(job.data);
      tell(`${result.transferred} € transferred`);
      return result;
    },
    { ...settings, telemetry },
  );
  worker.on('failed', (job, error) => tell(`${job?.name ?? 'job'} failed: ${error.message}`));
  await worker.waitUntilReady();

  return { stop: () => worker.close() };
});
