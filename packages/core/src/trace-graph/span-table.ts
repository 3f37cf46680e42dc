import type { TraceEvent } from '../events/trace-event.ts';
import { FoldedSpan, inOrder } from './folded-span.ts';

/*
 * All spans as rows of one array of integers, so that building a graph allocates next to nothing and leaves the garbage
 * collector nothing to follow. Row `i` holds
 *
 *   first, last   the events of span i, as positions in `events`
 *   parent        the row of its parent, or `none`
 *   facts         see span-facts.ts
 *   next          of *event* i: the next event of its span, or `none`
 *
 * A `FoldedSpan` is made when somebody looks at a row.
 */
const width = 5;
export const none = -1;

/** The name of a span that others name and of which no event arrived. */
interface Absent {
  readonly traceId: string;
  readonly spanId: string;
}

/** Rows of spans: first those with events, in order of arrival, then the missing ones. */
export class SpanTable {
  readonly events: readonly TraceEvent[];
  /** How many spans have events. */
  count = 0;
  readonly absent: Absent[] = [];
  /** Rows by span id, per trace: ids of old data are only unique within their trace. */
  readonly index: Map<string, Map<string, number>> = new Map();
  /** Where roots came from by link, by row. Most traces have no such roots. */
  origins: Map<number, number> | undefined;
  readonly #cells: Int32Array;
  #spans: (FoldedSpan | undefined)[] | undefined;
  /** First child and next sibling of each row, in no order. */
  #families: Int32Array | undefined;

  constructor(events: readonly TraceEvent[]) {
    this.events = events;
    this.#cells = new Int32Array(events.length * width).fill(none);
  }

  /** Opens a row for the span of the event at `position`. */
  open(position: number, facts: number): number {
    const row = this.count++;
    const cell = row * width;
    this.#cells[cell] = position;
    this.#cells[cell + 1] = position;
    this.#cells[cell + 3] = facts;
    return row;
  }

  /** Adds the event at `position` to a row. */
  append(row: number, position: number, facts: number): void {
    const cell = row * width;
    const last = this.#cells[cell + 1] as number;
    this.#cells[last * width + 4] = position;
    this.#cells[cell + 1] = position;
    this.#cells[cell + 3] = (this.#cells[cell + 3] as number) | facts;
  }

  /** A row for a span without events. */
  addMissing(traceId: string, spanId: string): number {
    return this.count + this.absent.push({ traceId, spanId }) - 1;
  }

  /** How many rows there are, missing spans included. */
  get size(): number {
    return this.count + this.absent.length;
  }

  isMissing(row: number): boolean {
    return row >= this.count;
  }

  parentOf(row: number): number {
    return row < this.count ? (this.#cells[row * width + 2] as number) : none;
  }

  setParent(row: number, parent: number): void {
    this.#cells[row * width + 2] = parent;
  }

  factsOf(row: number): number {
    return row < this.count ? (this.#cells[row * width + 3] as number) : 0;
  }

  firstEventOf(row: number): TraceEvent | undefined {
    return row < this.count ? this.events[this.#cells[row * width] as number] : undefined;
  }

  eventsOf(row: number): TraceEvent[] {
    const events: TraceEvent[] = [];
    if (row >= this.count) return events;
    for (let at = this.#cells[row * width] as number; at !== none; at = this.#cells[at * width + 4] as number)
      events.push(this.events[at] as TraceEvent);
    return events;
  }

  someEvent(row: number, test: (event: TraceEvent) => boolean): boolean {
    let at = this.#cells[row * width] as number;
    while (at !== none && !test(this.events[at] as TraceEvent)) at = this.#cells[at * width + 4] as number;
    return at !== none;
  }

  /** The same object every time. */
  span(row: number): FoldedSpan {
    this.#spans ??= new Array<FoldedSpan | undefined>(this.size);
    const span = this.#spans[row] ?? this.#look(row);
    this.#spans[row] = span;
    return span;
  }

  #look(row: number): FoldedSpan {
    const first = this.firstEventOf(row);
    if (first !== undefined) return new FoldedSpan(this, row, first.trace_id, first.span_id);
    const { traceId, spanId } = this.absent[row - this.count] as Absent;
    return new FoldedSpan(this, row, traceId, spanId);
  }

  /** The spans whose facts pass, in order of arrival. */
  spansWhere(test: (facts: number) => boolean): FoldedSpan[] {
    const spans: FoldedSpan[] = [];
    for (let row = 0; row < this.count; row++) if (test(this.factsOf(row))) spans.push(this.span(row));
    return spans;
  }

  childrenOf(row: number): FoldedSpan[] {
    const families = this.#families ?? this.#raiseFamilies();
    const children: FoldedSpan[] = [];
    if (row >= this.size) return children;
    for (let child = families[row * 2] as number; child !== none; child = families[child * 2 + 1] as number)
      children.push(this.span(child));
    return inOrder(children);
  }

  #raiseFamilies(): Int32Array {
    const families = new Int32Array(this.size * 2).fill(none);
    for (let row = 0; row < this.count; row++) {
      const parent = this.parentOf(row);
      if (parent === none) continue;
      families[row * 2 + 1] = families[parent * 2] as number;
      families[parent * 2] = row;
    }
    this.#families = families;
    return families;
  }
}
