/** What came with an execution: when it was enqueued and due, in milliseconds since the epoch, and its carriers, as stored. */
export type CarriedTrace = readonly [
  enqueuedAt: number,
  dueAt: number,
  context: unknown,
  last: unknown,
  earlier: readonly unknown[] | null,
];

/** What only some have: a delay, an earlier run, a payload that replaced others. */
type Other = readonly [id: number, dueAt: number, last: unknown, earlier: readonly unknown[] | null];

interface Columns {
  readonly enqueued: readonly number[];
  readonly carriers: readonly unknown[];
  readonly others: readonly Other[] | null;
}

/** What came with the executions of a claim. Columns, so that nothing is made of an execution that does not run yet. */
export class CarriedTraces {
  readonly #columns: Columns;
  readonly #others: ReadonlyMap<number, Other> | undefined;

  /** @param text column `traces` of the answer of `claim` */
  constructor(text: string) {
    this.#columns = JSON.parse(text);
    this.#others = this.#columns.others
      ? new Map(this.#columns.others.map((row) => [row[0], row]))
      : undefined;
  }

  of(place: number, id: number): CarriedTrace {
    const { enqueued, carriers } = this.#columns;
    const enqueuedAt = enqueued[place] ?? 0;
    const other = this.#others?.get(id);
    if (other === undefined) return [enqueuedAt, enqueuedAt, carriers[place], null, null];
    return [enqueuedAt, other[1], carriers[place], other[2], other[3]];
  }
}
