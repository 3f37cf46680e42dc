import { Bank } from '../outside-world/bank.ts';
import { jobs } from '../saga-jobs.ts';
import { runSagaProcess } from '../saga-process.ts';
import { tell } from '../tell.ts';

const BALANCE_FOR_LOANS = 100_000;

await runSagaProcess('funding-worker', ({ engine }) => {
  const bank = new Bank(BALANCE_FOR_LOANS);
  return engine.serve([
    {
      job: jobs.transferFunds,
      async lockedFor(application) {
        const lockedMs = await bank.lockedFor(application);
        if (lockedMs > 0) tell(`the bank's books are locked, again in ${lockedMs} ms`);
        return lockedMs;
      },
      async run(application) {
        const result = await bank.transfer(application);
        tell(`${result.transferred} € transferred`);
        return result;
      },
    },
  ]);
});
