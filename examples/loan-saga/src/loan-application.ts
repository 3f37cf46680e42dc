/** What a customer asks for, and the data of every job in the saga. */
export interface LoanApplication {
  /** Also the id of the job on queue `loan`, so that a trace is found by it. */
  readonly id: string;
  readonly applicant: string;
  /** Whole euros. */
  readonly amount: number;
  /** Whole euros per year. */
  readonly income: number;
}

/** The queues of the saga, one per service. */
export const queues = { loan: 'loan', credit: 'credit', funding: 'funding', notices: 'notices' } as const;

/** The jobs of the saga, by what they do. */
export const jobs = {
  apply: 'apply',
  checkIncome: 'check-income',
  checkDebts: 'check-debts',
  reserveCredit: 'reserve-credit',
  releaseCredit: 'release-credit',
  transferFunds: 'transfer-funds',
  informApplicant: 'inform-applicant',
} as const;
