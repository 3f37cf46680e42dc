import type { LoanApplication } from '../loan-application.ts';

/** The account that loans are paid from does not cover this one. */
class InsufficientFundsError extends Error {
  override name = 'InsufficientFundsError';
  readonly code = 'INSUFFICIENT_FUNDS';
}

/** A bank with a fixed balance for loans, in whole euros. */
export class Bank {
  readonly #balance: number;

  constructor(balance: number) {
    this.#balance = balance;
  }

  async transfer({ amount }: LoanApplication): Promise<{ transferred: number }> {
    if (amount > this.#balance) throw new InsufficientFundsError('Insufficient funds');
    return { transferred: amount };
  }
}
