import { within } from '../database/within.ts';

/** Something that begins, and that may be given up before it has. */
export class Opening {
  /** Resolves when it has begun. Rejects when it could not, and when it was given up. */
  readonly done: Promise<void>;
  #isGivenUp = false;
  #reject: (error: unknown) => void = () => {};

  /** @param work looks at `isGivenUp` whenever it has waited */
  constructor(work: (opening: Opening) => Promise<void>) {
    const begun = Promise.resolve(this).then(work);
    const givenUp = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    this.done = Promise.race([begun, givenUp]);
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Whether it has begun, or failed, by then. */
  async isOverWithin(ms: number): Promise<boolean> {
    const isOver = (): boolean => true;
    return within(ms, this.done.then(isOver, isOver)).catch(() => false);
  }

  giveUp(error: unknown): void {
    this.#isGivenUp = true;
    this.#reject(error);
  }
}
