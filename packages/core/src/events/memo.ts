/** Names come from a small set in any program; a program that makes them up must not fill the memory. */
const maxKnown = 2000;
export const longestKey = 256;

/** What was decided once per name. */
export class Memo<T> {
  readonly #decide: (name: string) => T;
  readonly #known = new Map<string, T>();

  constructor(decide: (name: string) => T) {
    this.#decide = decide;
  }

  of(name: string): T {
    return this.#known.get(name) ?? this.#remember(name, this.#decide(name));
  }

  #remember(name: string, decision: T): T {
    if (this.#known.size >= maxKnown) this.#known.clear();
    if (name.length <= longestKey) this.#known.set(name, decision);
    return decision;
  }
}
