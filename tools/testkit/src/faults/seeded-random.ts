/**
 * Repeatable random choices from one seed (mulberry32): fast enough for ten million inputs.
 *
 * @example
 * ```ts
 * import { SeededRandom } from '@throughline/testkit/seeded-random';
 *
 * const random = new SeededRandom(7);
 * console.log(random.of(['refuse', 'reset', 'hang']), random.below(100));
 * ```
 */
export class SeededRandom {
  /** What gives the same choices again. */
  readonly seed: number;
  #state: number;

  /** @param seed a whole number; by default one that nobody chose */
  constructor(seed: number = Date.now() % 2 ** 31) {
    this.seed = seed;
    this.#state = seed | 0;
  }

  /** A stream of its own, for what is drawn at a time that is not repeatable. */
  fork(): SeededRandom {
    return new SeededRandom(this.below(2 ** 31));
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  }

  /** One of `choices`. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** The same items in a random order; `items` stays as it is. */
  shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
    }
    return shuffled;
  }

  /** Text of up to `limit` characters of `alphabet`, or of any UTF-16 code units. */
  text(limit: number, alphabet?: string): string {
    let text = '';
    for (let length = this.below(limit + 1); length > 0; length--) {
      text += alphabet ? alphabet[this.below(alphabet.length)] : String.fromCharCode(this.below(0x10000));
    }
    return text;
  }
}
