const mostRemembered = 1_000;

/** Keeps the same from being said again and again. Words may come from anywhere, so only so many are remembered. */
export class SaidLately {
  readonly #forMs: number;
  /** Of `performance.now()`. */
  readonly #saidAt = new Map<string, number>();

  /** @param forMs how long something that was said is no news */
  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** Whether it may be said; whoever asks says it then. */
  isNews(what: string): boolean {
    const now = performance.now();
    if (now - (this.#saidAt.get(what) ?? Number.NEGATIVE_INFINITY) < this.#forMs) return false;
    if (this.#saidAt.size >= mostRemembered) this.#saidAt.clear();
    this.#saidAt.set(what, now);
    return true;
  }
}
