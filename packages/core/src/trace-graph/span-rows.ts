import type { TraceEvent } from '../events/trace-event.ts';
import { joinMarks, mixed, unmarked } from './entity-mark.ts';
import { type IntSlice, takeInts } from './int-slice.ts';
import { none, SpanIndex } from './span-index.ts';

/*
 * All spans as rows of integers, so that building a graph allocates next to nothing and leaves the garbage collector
 * nothing to follow. Row `i` holds
 *
 *   first, last   the events of span i, as positions in `events`
 *   parent        the row of its parent
 *   facts         see span-facts.ts
 *   mark          see entity-mark.ts
 *   next          of *event* i: the next event of its span
 *
 * Fresh integers are 0, so what can be absent is kept plus one.
 */
const width = 6;
const noCells: Int32Array = new Int32Array(0);

/** Rows of spans: first those with events, in order of arrival, then the missing ones: others name them as parents. */
export class SpanRows {
  /** The events of all pages; the only page itself, while there is one. */
  events: readonly TraceEvent[] = [];
  /** How many spans have events. */
  count = 0;
  readonly index: SpanIndex;
  /** Where roots came from by link, by row. Most traces have no such roots. */
  origins: Map<number, number> | undefined;
  #cells: Int32Array = noCells;
  #base = 0;
  #all: TraceEvent[] | undefined;
  /** How many events there is room for. */
  #capacity = 0;

  constructor(firstTraces: ReadonlyMap<string, string> | undefined) {
    this.index = new SpanIndex(firstTraces);
  }

  /** Makes room for one more page. The first gets what it needs; later ones double the room, so that each is moved rarely. */
  takePage(page: readonly TraceEvent[]): void {
    const { length } = this.events;
    this.events = length === 0 ? page : this.#withPage(page);
    const needed = this.events.length;
    if (needed <= this.#capacity) return;
    const capacity = length === 0 ? needed : Math.max(needed, this.#capacity * 2);
    const ints: IntSlice = takeInts(capacity * width);
    if (length > 0) ints.cells.set(this.#cells.subarray(this.#base, this.#base + length * width), ints.base);
    this.#cells = ints.cells;
    this.#base = ints.base;
    this.#capacity = capacity;
    this.index.reserve(capacity);
  }

  /** A page belongs to the reader who brought it, so the first one is not added to. */
  #withPage(page: readonly TraceEvent[]): readonly TraceEvent[] {
    this.#all ??= [...this.events];
    for (const event of page) this.#all.push(event);
    return this.#all;
  }

  /** How many rows there are, missing spans included. */
  get size(): number {
    return this.index.size;
  }

  /** Opens the next row, for the span of the event at `position`. */
  open(position: number, facts: number, mark: number): void {
    const cells = this.#cells;
    const cell = this.#base + this.count++ * width;
    cells[cell] = position;
    cells[cell + 1] = position;
    cells[cell + 3] = facts;
    cells[cell + 4] = mark;
  }

  /** Adds the event at `position` to a row. */
  append(row: number, position: number, facts: number, mark: number): void {
    const cells = this.#cells;
    const cell = this.#base + row * width;
    cells[this.#base + (cells[cell + 1] as number) * width + 5] = position + 1;
    cells[cell + 1] = position;
    cells[cell + 3] = (cells[cell + 3] as number) | facts;
    if (mark !== unmarked) cells[cell + 4] = joinMarks(cells[cell + 4] as number, mark);
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

  markOf(row: number): number {
    return row < this.count ? (this.#cells[this.#base + row * width + 4] as number) : unmarked;
  }

  /** Rows of spans that may be about entities of these marks. */
  rowsMarked(marks: ReadonlySet<number>): number[] {
    const found: number[] = [];
    for (let row = 0, cell = this.#base + 4; row < this.count; row++, cell += width) {
      const mark = this.#cells[cell] as number;
      if (mark !== unmarked && (mark === mixed || marks.has(mark))) found.push(row);
    }
    return found;
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

  #firstOf(row: number): number {
    return this.#cells[this.#base + row * width] as number;
  }

  #next(position: number): number {
    return (this.#cells[this.#base + position * width + 5] as number) - 1;
  }
}
