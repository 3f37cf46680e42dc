import { FoldedSpan, inOrder, type SpanFamily } from './folded-span.ts';
import { none } from './span-index.ts';
import type { SpanRows } from './span-rows.ts';

/** The spans of all rows; one is made when somebody looks at its row. */
export class SpanTable implements SpanFamily {
  readonly rows: SpanRows;
  #spans: (FoldedSpan | undefined)[] | undefined;
  /** First child and next sibling of each row, plus one, in no order. */
  #families: Int32Array | undefined;

  constructor(rows: SpanRows) {
    this.rows = rows;
  }

  /** The same object every time. */
  span(row: number): FoldedSpan {
    this.#spans ??= new Array<FoldedSpan | undefined>(this.rows.size);
    const known = this.#spans[row];
    if (known !== undefined) return known;
    const { index } = this.rows;
    const span = new FoldedSpan(this, row, index.traceIdOf(row), index.spanIdOf(row));
    this.#spans[row] = span;
    return span;
  }

  /** The spans whose facts pass, in order of arrival. */
  spansWhere(test: (facts: number) => boolean): FoldedSpan[] {
    const { rows } = this;
    const spans: FoldedSpan[] = [];
    for (let row = 0; row < rows.count; row++) if (test(rows.factsOf(row))) spans.push(this.span(row));
    return spans;
  }

  childrenOf(row: number): FoldedSpan[] {
    const families = this.#families ?? this.#raiseFamilies();
    const children: FoldedSpan[] = [];
    if (row >= this.rows.size) return children;
    for (let next = families[row * 2] as number; next !== 0; next = families[next * 2 - 1] as number)
      children.push(this.span(next - 1));
    return inOrder(children);
  }

  #raiseFamilies(): Int32Array {
    const { rows } = this;
    const families = new Int32Array(rows.size * 2);
    for (let row = 0; row < rows.count; row++) {
      const parent = rows.parentOf(row);
      if (parent === none) continue;
      families[row * 2 + 1] = families[parent * 2] as number;
      families[parent * 2] = row + 1;
    }
    this.#families = families;
    return families;
  }
}
