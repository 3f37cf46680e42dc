import { hashText } from './hash-text.ts';
import { type IntSlice, takeInts } from './int-slice.ts';

/** No row. */
export const none = -1;

/** Of an index without rows; never written to. */
const noPlaces: IntSlice = { cells: new Int32Array(1), base: 0 };

/** So many strangers are passed on the way to an id; then it is kept in a `Map`, where ids made to collide cost no more. */
const patience = 32;

/**
 * The rows of spans by trace and span id: ids of old data are only unique within their trace.
 *
 * An open hash table of integers with more than twice as many places as events. A `Map` takes twice as long: its keys have
 * just been parsed, so it hashes them by a call out of the compiled code, looks twice before it adds, and grows on the way.
 */
export class SpanIndex {
  readonly #spanIds: string[] = [];
  /** By row, for rows of other traces than the first. */
  #otherTraces: string[] | undefined;
  #firstTrace: string | undefined;
  #traceId = '';
  /** Spreads equal span ids of different traces; 0 for the first trace, so that most graphs never hash a trace id. */
  #salt = 0;
  /** For traces that are parts of another one: the trace that they are told as. */
  readonly #firstTraces: ReadonlyMap<string, string> | undefined;
  #places: IntSlice = noPlaces;
  #mask = 0;
  #crowded: Map<string, Map<string, number>> | undefined;
  #traceIds: ReadonlySet<string> | undefined;

  constructor(firstTraces: ReadonlyMap<string, string> | undefined) {
    this.#firstTraces = firstTraces;
  }

  /** Makes room for the spans of so many events; what is there finds its place again. */
  reserve(eventCount: number): void {
    const capacity = 2 << (32 - Math.clz32(eventCount));
    if (capacity <= this.#mask + 1) return;
    this.#places = takeInts(capacity);
    this.#mask = capacity - 1;
    this.#crowded = undefined;
    for (let row = 0; row < this.size; row++) {
      this.enter(this.traceIdOf(row));
      this.#place(this.spanIdOf(row), row);
    }
  }

  /** The trace that a trace is told as: the one that it continues, else itself. */
  firstTraceOf(traceId: string): string {
    return this.#firstTraces?.get(traceId) ?? traceId;
  }

  /** How many rows there are. */
  get size(): number {
    return this.#spanIds.length;
  }

  spanIdOf(row: number): string {
    return this.#spanIds[row] as string;
  }

  traceIdOf(row: number): string {
    return this.#otherTraces?.[row] ?? (this.#firstTrace as string);
  }

  get hasSeveralTraces(): boolean {
    return this.#otherTraces !== undefined;
  }

  /** In no order. */
  get traceIds(): ReadonlySet<string> {
    this.#traceIds ??= new Set(this.#spanIds.map((_, row) => this.traceIdOf(row)));
    return this.#traceIds;
  }

  /** @returns `none` for an unknown span */
  find(traceId: string, spanId: string): number {
    this.enter(traceId);
    return this.findHere(spanId);
  }

  /** In the trace that was entered last, as in `find`. */
  findHere(spanId: string): number {
    return this.#place(spanId, none);
  }

  /** Adds the next row, unless the span has one; in the trace that was entered last. */
  findOrAdd(spanId: string): number {
    const { size } = this;
    const row = this.#place(spanId, size);
    if (row === size) this.#add(spanId);
    return row;
  }

  enter(traceId: string): void {
    if (traceId === this.#traceId) return;
    const first = this.firstTraceOf(traceId);
    this.#traceId = first;
    this.#salt = first === this.#firstTrace || this.#firstTrace === undefined ? 0 : hashText(first, 0);
  }

  #add(spanId: string): void {
    this.#firstTrace ??= this.#traceId;
    if (this.#traceId !== this.#firstTrace) {
      this.#otherTraces ??= [];
      this.#otherTraces[this.size] = this.#traceId;
    }
    this.#spanIds.push(spanId);
  }

  /** The row of the span; when it has none `row`, which then has the place. To place `none` changes nothing: free is `none`. */
  #place(spanId: string, row: number): number {
    const { cells, base } = this.#places;
    let at = hashText(spanId, this.#salt);
    for (let strangers = 0; strangers < patience; strangers++, at++) {
      const place = base + (at & this.#mask);
      const known = (cells[place] as number) - 1;
      if (known === none) {
        cells[place] = row + 1;
        return row;
      }
      if (this.#spanIds[known] === spanId && this.traceIdOf(known) === this.#traceId) return known;
    }
    return this.#placeInCrowd(spanId, row);
  }

  #placeInCrowd(spanId: string, row: number): number {
    this.#crowded ??= new Map();
    const rows = this.#crowded.get(this.#traceId) ?? new Map<string, number>();
    const known = rows.get(spanId);
    if (known !== undefined || row === none) return known ?? none;
    this.#crowded.set(this.#traceId, rows.set(spanId, row));
    return row;
  }
}
