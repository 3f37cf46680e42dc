/** Repeatable random choices from one seed (mulberry32): fast enough for 10⁷ inputs. */
export class Random {
  /** @type {number} */
  #state;

  constructor(/** @type {number} */ seed) {
    this.#state = seed | 0;
  }

  /** A stream of its own, for what is drawn at a time that is not repeatable. */
  fork() {
    return new Random(this.below(2 ** 31));
  }

  /** A whole number from 0 to `limit - 1`. */
  below(/** @type {number} */ limit) {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  }

  /**
   * @template T
   * @param {readonly T[]} choices
   * @returns {T}
   */
  of(choices) {
    return /** @type {T} */ (choices[this.below(choices.length)]);
  }

  /** Text of up to `limit` characters of `alphabet`, or of any UTF-16 code units. */
  text(/** @type {number} */ limit, /** @type {string | undefined} */ alphabet = undefined) {
    let text = '';
    for (let length = this.below(limit + 1); length > 0; length--) {
      text += alphabet ? alphabet[this.below(alphabet.length)] : String.fromCharCode(this.below(0x10000));
    }
    return text;
  }
}
