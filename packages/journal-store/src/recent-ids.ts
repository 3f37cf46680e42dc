const GENERATION = 32_768;

/** The latest ids that were added: at least 32,768 of them, at most twice as many. */
export class RecentIds {
  /** Two generations: forgetting ids one by one would cost a walk past all that were forgotten before. */
  #recent = new Set<string>();
  #older: ReadonlySet<string> = new Set();

  has(id: string): boolean {
    return this.#recent.has(id) || this.#older.has(id);
  }

  /** @returns whether it is new */
  add(id: string): boolean {
    if (this.has(id)) return false;
    this.#recent.add(id);
    if (this.#recent.size >= GENERATION) {
      this.#older = this.#recent;
      this.#recent = new Set();
    }
    return true;
  }
}
