import type { LoanApplication } from '../loan-application.ts';

/** The bureau answered, but not with an answer. */
class CreditBureauUnavailableError extends Error {
  override name = 'CreditBureauUnavailableError';
}

/**
 * A credit bureau as one meets them: the first request for an application finds it busy, the second one does not.
 */
export class CreditBureau {
  readonly #askedBefore = new Set<string>();

  async reserve(application: LoanApplication): Promise<{ reservation: string; score: number }> {
    if (!this.#askedBefore.has(application.id)) {
      this.#askedBefore.add(application.id);
      throw new CreditBureauUnavailableError('The credit bureau answered 503 Service Unavailable');
    }
    return { reservation: `reservation-${application.id}`, score: scoreOf(application) };
  }

  async release(application: LoanApplication): Promise<void> {
    this.#askedBefore.delete(application.id);
  }
}

/** Between 300 and 850: how many years of income the loan is worth. */
function scoreOf({ amount, income }: LoanApplication): number {
  const yearsOfIncome = amount / income;
  return Math.round(Math.min(850, Math.max(300, 850 - yearsOfIncome * 60)));
}
