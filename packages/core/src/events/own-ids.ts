/** Events with an id of their own that are remembered while they are in the spool. */
const maxGiven = 10_000;

/** Tells which events in a spool came from one writer: they have ids of its making, or were given to it with theirs. */
export class OwnIds {
  readonly #prefix: string;
  readonly #given = new Map<string, number>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add(id = ''): void {
    if (id.startsWith(this.#prefix) || this.#given.size >= maxGiven) return;
    this.#given.set(id, (this.#given.get(id) ?? 0) + 1);
  }

  /** Whether it was added; each `add` answers once. */
  take(id = ''): boolean {
    if (id.startsWith(this.#prefix)) return true;
    const count = this.#given.get(id) ?? 0;
    if (count > 1) this.#given.set(id, count - 1);
    else this.#given.delete(id);
    return count > 0;
  }
}
