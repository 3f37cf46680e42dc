/** For how long leases hold without a word from the database: after that others may be doing what was claimed here. */
export class LeaseTrust {
  readonly #onLate: () => void;
  /** Of `performance.now()`. */
  #until = Number.POSITIVE_INFINITY;

  /** @param onLate called when they may have run out unnoticed: this process was frozen, or the database is silent */
  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  /** @param until of `performance.now()` */
  renewed(until: number): void {
    this.#until = until;
  }

  /**
   * Whether they hold for sure. Asked for each execution that begins, not once in a turn of the event loop: a process may be
   * frozen in the middle of one.
   */
  get holds(): boolean {
    if (performance.now() <= this.#until) return true;
    this.#onLate();
    return false;
  }
}
