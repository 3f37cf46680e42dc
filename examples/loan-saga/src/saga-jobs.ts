/** A piece of work, by name, and whose it is. */
export interface SagaJob {
  readonly name: string;
  /** One per service. */
  readonly queue: 'loan' | 'credit' | 'funding' | 'notices';
  /** How often it is tried. @default 1 */
  readonly attempts?: number | undefined;
}

/** How long a job that failed waits for its next try. */
export const RETRY_AFTER_MS = 300;

type JobName =
  | 'apply'
  | 'checkIncome'
  | 'checkDebts'
  | 'reserveCredit'
  | 'releaseCredit'
  | 'transferFunds'
  | 'informApplicant';

/** The jobs of the saga. */
export const jobs: Readonly<Record<JobName, SagaJob>> = {
  apply: { name: 'apply', queue: 'loan' },
  checkIncome: { name: 'check-income', queue: 'credit' },
  checkDebts: { name: 'check-debts', queue: 'credit' },
  reserveCredit: { name: 'reserve-credit', queue: 'credit', attempts: 3 },
  releaseCredit: { name: 'release-credit', queue: 'credit' },
  transferFunds: { name: 'transfer-funds', queue: 'funding' },
  informApplicant: { name: 'inform-applicant', queue: 'notices' },
};
