/** The provider answered, but not with an answer. */
class PaymentProviderBusyError extends Error {
  override name = 'PaymentProviderBusyError';
}

/** A provider as one meets them: the first charge finds it busy; a key that it knows is charged once. */
export class PaymentProvider {
  readonly #receipts = new Map<string, string>();
  #wasBusy = false;

  async charge(cents: number, idempotencyKey: string): Promise<string> {
    if (!this.#wasBusy) {
      this.#wasBusy = true;
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
