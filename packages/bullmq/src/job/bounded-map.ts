/** A map that lets its oldest entry go rather than grow without end: what it holds is never told that it is over. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** @returns the value that had to go, if one had to: that of the same key, or the oldest */
  set(key: Key, value: Value): Value | undefined {
    const gone = this.take(key) ?? (this.#entries.size < this.#most ? undefined : this.#takeOldest());
    this.#entries.set(key, value);
    return gone;
  }

  /** Gets and removes. */
  take(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }

  /** Removes everything. */
  takeAll(): readonly Value[] {
    const values = [...this.#entries.values()];
    this.#entries.clear();
    return values;
  }

  #takeOldest(): Value | undefined {
    for (const key of this.#entries.keys()) return this.take(key);
    return undefined;
  }
}
