import type { FoldedSpan } from './folded-span.ts';
import { causeOf } from './link.ts';

/**
 * A value that each span has from its parent, or the root of a linked trace from where it came from, changed by its own
 * step.
 *
 * A walk goes up to the first span that is known and settles the others on its way back down: linear over any number
 * of questions, and without recursion.
 */
export class Inherited<T extends object | null> {
  /** By row; a walk settles upper rows first, which mostly are the lower ones. */
  readonly #known: T[] = [];
  readonly #aboveAll: T;
  readonly #step: (above: T, span: FoldedSpan) => T;

  constructor(aboveAll: T, step: (above: T, span: FoldedSpan) => T) {
    this.#aboveAll = aboveAll;
    this.#step = step;
  }

  of(span: FoldedSpan): T {
    const path: FoldedSpan[] = [];
    let top: FoldedSpan | undefined = span;
    for (; top !== undefined && this.#known[top.row] === undefined; top = causeOf(top)) path.push(top);
    let value = top === undefined ? this.#aboveAll : (this.#known[top.row] as T);
    for (let below = path.pop(); below !== undefined; below = path.pop()) {
      value = this.#step(value, below);
      this.#known[below.row] = value;
    }
    return value;
  }
}
