import type { TraceEvent } from '../events/trace-event.ts';
import { type IntSlice, takeInts } from './int-slice.ts';
import { none, SpanIndex } from './span-index.ts';

/*
 * All spans as rows of integers, so that building a graph allocates next to nothing and leaves the garbage collector
 * nothing to follow. Row `i` holds
 *
 *   first, last   the events of span i, as positions in `events`
 *   parent        the row of its parent
 *   facts         see span-facts.ts
 *   next          of *event* i: the next event of its span
 *
 * Fresh integers are 0, so what can be absent is kept plus one.
 */
const width = 5;

/** Rows of spans: first those with events, in order of arrival, then the missing ones: others name them as parents. */
export class SpanRows {
  readonly events: readonly TraceEvent[];
  /** How many spans have events. */
  count = 0;
  readonly index: SpanIndex;
  /** Where roots came from by link, by row. Most traces have no such roots. */
  origins: Map<number, number> | undefined;
  readonly #cells: Int32Array;
  readonly #base: number;

  constructor(events: readonly TraceEvent[]) {
    const { length } = events;
    const ints: IntSlice = takeInts(length * width);
    this.events = events;
    this.index = new SpanIndex(length);
    this.#cells = ints.cells;
    this.#base = ints.base;
  }

  /** How many rows there are, missing spans included. */
  get size(): number {
    return this.index.size;
  }

  /** Opens the next row, for the span of the event at `position`. */
  open(position: number, facts: number): void {
    const cell = this.#base + this.count++ * width;
    this.#cells[cell] = position;
    this.#cells[cell + 1] = position;
    this.#cells[cell + 3] = facts;
  }

  /** Adds the event at `position` to a row. */
  append(row: number, position: number, facts: number): void {
    const cells = this.#cells;
    const cell = this.#base + row * width;
    cells[this.#base + (cells[cell + 1] as number) * width + 4] = position + 1;
    cells[cell + 1] = position;
    cells[cell + 3] = (cells[cell + 3] as number) | facts;
  }

  /** The row of a span that others name; one of its own when no event of it arrived. Not before all rows are open. */
  findOrMiss(traceId: string, spanId: string): number {
    this.index.enter(traceId);
    return this.index.findOrAdd(spanId);
  }

  isMissing(row: number): boolean {
    return row >= this.count;
  }

  parentOf(row: number): number {
    return row < this.count ? (this.#cells[this.#base + row * width + 2] as number) - 1 : none;
  }

  setParent(row: number, parent: number): void {
    this.#cells[this.#base + row * width + 2] = parent + 1;
  }

  factsOf(row: number): number {
    return row < this.count ? (this.#cells[this.#base + row * width + 3] as number) : 0;
  }

  firstEventOf(row: number): TraceEvent | undefined {
    return row < this.count ? this.events[this.#firstOf(row)] : undefined;
  }

  eventsOf(row: number): TraceEvent[] {
    const events: TraceEvent[] = [];
    if (row >= this.count) return events;
    for (let at = this.#firstOf(row); at !== none; at = this.#next(at))
      events.push(this.events[at] as TraceEvent);
    return events;
  }

  hasOneEvent(row: number): boolean {
    const cell = this.#base + row * width;
    return row < this.count && this.#cells[cell] === this.#cells[cell + 1];
  }

  someEvent(row: number, test: (event: TraceEvent) => boolean): boolean {
    let at = this.#firstOf(row);
    while (at !== none && !test(this.events[at] as TraceEvent)) at = this.#next(at);
    return at !== none;
  }

  #firstOf(row: number): number {
    return this.#cells[this.#base + row * width] as number;
  }

  #next(position: number): number {
    return (this.#cells[this.#base + position * width + 4] as number) - 1;
  }
}
