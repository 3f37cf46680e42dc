/** The provider answered, but not with an answer. */
class PaymentProviderBusyError extends Error {
  override name = 'PaymentProviderBusyError';
}

/** A provider as one meets them: busy when first asked for a payment; a key that was charged is not charged again. */
export class PaymentProvider {
  readonly #receipts = new Map<string, string>();
  readonly #askedBefore = new Set<string>();

  async charge(cents: number, idempotencyKey: string): Promise<string> {
    if (!this.#askedBefore.has(idempotencyKey)) {
      this.#askedBefore.add(idempotencyKey);
      throw new PaymentProviderBusyError('The payment provider answered 503 Service Unavailable');
    }
    const receipt = this.#receipts.get(idempotencyKey) ?? `receipt-${this.#receipts.size + 1}-${cents}`;
    this.#receipts.set(idempotencyKey, receipt);
    return receipt;
  }

  async refund(receipt: string): Promise<string> {
    return receipt.replace('receipt', 'refund');
  }
}
