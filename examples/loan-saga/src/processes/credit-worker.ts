import { CreditBureau } from '../outside-world/credit-bureau.ts';
import { jobs } from '../saga-jobs.ts';
import { runSagaProcess } from '../saga-process.ts';
import { tell } from '../tell.ts';

await runSagaProcess('credit-worker', ({ engine }) => {
  const bureau = new CreditBureau();
  return engine.serve([
    { job: jobs.checkIncome, run: async ({ amount, income }) => ({ yearsOfIncome: amount / income }) },
    { job: jobs.checkDebts, run: async () => ({ debts: 0 }) },
    {
      job: jobs.reserveCredit,
      async run(application) {
        const reserved = await bureau.reserve(application);
        tell(`credit reserved, score ${reserved.score}`);
        return reserved;
      },
    },
    {
      job: jobs.releaseCredit,
      async run(application) {
        await bureau.release(application);
        tell('credit released');
        return { released: true };
      },
    },
  ]);
});
