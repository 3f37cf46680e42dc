/**
 * Repeatable random choices from one seed (mulberry32), so that a failure can be repeated from the number it prints.
 *
 * @see {@link https://gist.github.com/tommyettinger/46a874533244883189143505d203312c | mulberry32}
 */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A stream of its own for each `name`, so that one case draws the same numbers with and without the others. */
  static for(seed: number, name: string): SeededRandom {
    let hash = seed | 0;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    return new SeededRandom(hash);
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  }

  /** One of `choices`, which must not be empty. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** The same items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
    }
    return shuffled;
  }

  /** The items in parts of 1 to `largest`, in their order. */
  parts<T>(items: readonly T[], largest: number): T[][] {
    const parts: T[][] = [];
    for (let at = 0; at < items.length; ) {
      const size = 1 + this.below(largest);
      parts.push(items.slice(at, at + size));
      at += size;
    }
    return parts;
  }
}
