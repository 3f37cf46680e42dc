/** What a customer asks for, and the data of every job in the saga. */
export interface LoanApplication {
  readonly id: string;
  readonly applicant: string;
  /** Whole euros. */
  readonly amount: number;
  /** Whole euros per year. */
  readonly income: number;
}
