/** A batch that was taken up faster than this could have been larger. */
const quickMs = 100;
/** One that took longer than this kept work from other workers. */
export const slowMs = 1_000;
const manyCharacters = 4 * 2 ** 20;

/**
 * How many executions to claim ahead of those that run.
 *
 * None at first: work that waits here cannot be done elsewhere. Twice as many after each batch that was taken up at once,
 * half as many after one that lay about or that was heavy. So slow work is claimed when there is a place for it, and fast
 * work by the batch.
 */
export class ClaimSize {
  readonly #least: number;
  readonly #largest: number;
  #most: number;
  #ahead = 0;

  /**
   * @param least what claiming ahead begins with
   * @param largest the largest batch
   */
  constructor(least: number, largest: number) {
    this.#least = Math.min(least, largest);
    this.#largest = largest;
    this.#most = largest;
  }

  get ahead(): number {
    return this.#ahead;
  }

  /** The largest batch, as far as is known. */
  get most(): number {
    return this.#most;
  }

  /**
   * @param isFull whether there was as much as was asked for
   * @param tookMs from the answer of the claim until the last of the batch was started
   * @param characters of its payloads
   */
  learn(isFull: boolean, tookMs: number, characters: number): void {
    if (characters <= manyCharacters) this.#most = Math.min(this.#most * 2, this.#largest);
    if (tookMs > slowMs || characters > manyCharacters) this.#shrink();
    else if (isFull && tookMs < quickMs)
      this.#ahead = Math.min(Math.max(this.#least, this.#ahead * 2), this.#most);
  }

  /**
   * The database, or the client, could not cope with a batch of that size: its payloads may be more than one answer takes.
   *
   * @returns whether a smaller one is left to try
   */
  refused(size: number): boolean {
    this.#most = Math.max(size >> 1, 1);
    this.#ahead = 0;
    return size > 1;
  }

  /** What was claimed ahead had to be given back: what comes next is claimed when there is a place for it. */
  gaveBack(): void {
    this.#ahead = 0;
  }

  #shrink(): void {
    const half = this.#ahead >> 1;
    this.#ahead = half < this.#least ? 0 : half;
  }
}
