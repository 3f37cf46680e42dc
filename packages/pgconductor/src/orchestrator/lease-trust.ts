/** For how long leases hold without a word from the database: after that others may be doing what was claimed here. */
export class LeaseTrust {
  readonly #onLate: () => void;
  /** Of `performance.now()`. */
  #until = Number.POSITIVE_INFINITY;
  #isLate = false;
  #hasLooked = false;

  /** @param onLate called when they may have run out unnoticed: this process was frozen, or the database is silent */
  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  /** @param until of `performance.now()` */
  renewed(until: number): void {
    this.#until = until;
    this.#isLate = false;
  }

  /** Whether they hold for sure. Looks once in a turn of the event loop: asking the time is dear. */
  get holds(): boolean {
    if (this.#hasLooked) return !this.#isLate;
    this.#hasLooked = true;
    setImmediate(() => {
      this.#hasLooked = false;
    });
    this.#isLate = performance.now() > this.#until;
    if (this.#isLate) this.#onLate();
    return !this.#isLate;
  }
}
