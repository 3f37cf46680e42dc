/**
 * Work that is done again and again, one run at a time, after pauses that it chooses itself.
 */
export class Repeating {
  readonly #work: () => Promise<number>;
  readonly #onError: (error: unknown) => void;
  readonly #pauseAfterErrorMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #run: Promise<void> | undefined;
  #isStopped = true;
  #isWanted = false;

  /**
   * @param work answers with the pause until the next run, in milliseconds; between 75 and 125 % of it are kept, so that
   * processes that were started together do not ask together
   * @param pauseAfterErrorMs after a run that rejected
   */
  constructor(work: () => Promise<number>, pauseAfterErrorMs: number, onError: (error: unknown) => void) {
    this.#work = work;
    this.#pauseAfterErrorMs = pauseAfterErrorMs;
    this.#onError = onError;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#begin();
  }

  /** Runs at once, or again as soon as the run that is on its way is over. */
  soon(): void {
    if (this.#isStopped) return;
    this.#isWanted = true;
    if (this.#run === undefined) this.#begin();
  }

  /** Resolves when the run that was on its way is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#run;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#isWanted = false;
    const run = this.#once().then((pauseMs) => {
      if (this.#run === run) this.#goOn(pauseMs);
    });
    this.#run = run;
  }

  async #once(): Promise<number> {
    return this.#work().catch((error: unknown) => {
      this.#onError(error);
      return this.#pauseAfterErrorMs;
    });
  }

  /** Not after a run from before a stop, when it was started again meanwhile: it goes on after its own. */
  #goOn(pauseMs: number): void {
    this.#run = undefined;
    if (this.#isStopped) return;
    if (this.#isWanted) this.#begin();
    else this.#timer = setTimeout(() => this.#begin(), pauseMs * (0.75 + Math.random() / 2));
  }
}
