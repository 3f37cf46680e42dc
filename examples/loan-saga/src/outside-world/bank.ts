import type { LoanApplication } from '../loan-application.ts';

/** The account that loans are paid from does not cover this one. */
class InsufficientFundsError extends Error {
  override name = 'InsufficientFundsError';
  readonly code = 'INSUFFICIENT_FUNDS';
}

/** A bank with a fixed balance for loans, in whole euros. Its books are locked when one first asks. */
export class Bank {
  readonly #balance: number;
  readonly #askedBefore = new Set<string>();

  constructor(balance: number) {
    this.#balance = balance;
  }

  /** Ms until the books are open; 0 when they are. */
  async lockedFor({ id }: LoanApplication): Promise<number> {
    if (this.#askedBefore.has(id)) return 0;
    this.#askedBefore.add(id);
    return 300;
  }

  async transfer({ amount }: LoanApplication): Promise<{ transferred: number }> {
    if (amount > this.#balance) throw new InsufficientFundsError('Insufficient funds');
    return { transferred: amount };
  }
}
