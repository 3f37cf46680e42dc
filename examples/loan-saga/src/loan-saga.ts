import type { LoanApplication } from './loan-application.ts';
import { decideRisk } from './outside-world/risk-model.ts';
import type { Saga } from './saga-engine.ts';
import { jobs } from './saga-jobs.ts';
import { tell } from './tell.ts';

/** Validate, keep the applicant informed, reserve credit, decide, fund; when funding fails, give the credit back. */
export async function runLoanSaga(saga: Saga, application: LoanApplication): Promise<{ approved: boolean }> {
  await saga.stage('stage:validate', () => validate(application));
  await saga.everyDay(jobs.informApplicant);

  const credit = await saga.stageElsewhere<{ score: number }>('stage:credit', jobs.reserveCredit, [
    jobs.checkIncome,
    jobs.checkDebts,
  ]);

  await saga.decide('ai:decision', () => {
    const risk = decideRisk(credit.result.score);
    tell(`risk model: ${risk.decision}, confidence ${risk.confidence}`);
    return risk;
  });

  try {
    await saga.stageElsewhere('stage:funding', jobs.transferFunds);
  } catch (error) {
    await saga.compensate('compensate:credit', credit, jobs.releaseCredit);
    throw error;
  }
  return { approved: true };
}

async function validate({ amount, income }: LoanApplication): Promise<void> {
  if (!(amount > 0 && income > 0)) throw new Error('Amount and income must be positive');
  tell('application is valid');
}
