import type { FoldedSpan } from './folded-span.ts';

/**
 * A value that each span has from its parent, changed by its own step.
 *
 * A walk goes up to the first span that is known and settles the others on its way back down: linear over any number
 * of questions, and without recursion.
 */
export class Inherited<T> {
  readonly #known = new Map<FoldedSpan, T>();
  readonly #aboveRoots: T;
  readonly #step: (above: T, span: FoldedSpan) => T;

  constructor(aboveRoots: T, step: (above: T, span: FoldedSpan) => T) {
    this.#aboveRoots = aboveRoots;
    this.#step = step;
  }

  of(span: FoldedSpan): T {
    const path: FoldedSpan[] = [];
    let top: FoldedSpan | undefined = span;
    for (; top !== undefined && !this.#known.has(top); top = top.parent) path.push(top);
    let value = top === undefined ? this.#aboveRoots : (this.#known.get(top) as T);
    for (let below = path.pop(); below !== undefined; below = path.pop()) {
      value = this.#step(value, below);
      this.#known.set(below, value);
    }
    return value;
  }
}
