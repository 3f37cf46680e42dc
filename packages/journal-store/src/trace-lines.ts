import type { IndexPart } from './segment-index.ts';
import { forEachLine, type LineChunk } from './segment-lines.ts';
import { isSealLine } from './segment-seal.ts';
import { isSameTrace, type TraceKey, traceKeyAt } from './trace-key.ts';

/** Where lines are: start and end of each, in turn, ascending; the line feed is not included. */
export type LineSpans = readonly number[];

/** The key of lines that belong to no trace because they are damaged. No trace has it. */
export const NO_TRACE: TraceKey = '';

const none: LineSpans = [];
const TAB = '\t';
const LINE_FEED = 0x0a;

/**
 * Where the lines of each trace of a segment are, as far as it was read.
 *
 * In an index file it is one row for each trace, ordered by key: the key, a tab, and for each line the distance from the
 * end of the one before and its length, with blanks between. Such rows are searched as they are: a large journal is
 * opened without parsing its indexes.
 */
export class TraceLines implements IndexPart {
  position = 0;
  #rows: Buffer = Buffer.alloc(0);
  /** What came after the rows. */
  readonly #spans = new Map<TraceKey, number[]>();
  #edges = 0;

  static decode(rows: Buffer, position: number): TraceLines {
    const lines = new TraceLines();
    lines.#rows = rows;
    lines.position = position;
    return lines;
  }

  get memoryBytes(): number {
    return this.#rows.length + this.#spans.size * 150 + this.#edges * 8;
  }

  add({ bytes, position }: LineChunk): void {
    let last: { readonly start: number; readonly spans: number[] } | undefined;
    forEachLine(bytes, (start, end) => {
      // Traces are written in runs: most lines need no look-up.
      if (last === undefined || !isSameTrace(bytes, last.start, start)) {
        const spans = this.#spansAt(bytes, start, end);
        last = spans && { start, spans };
      }
      if (last === undefined) return;
      last.spans.push(position + start, position + end);
      this.#edges += 2;
    });
    this.position = position + bytes.length;
  }

  /** @returns `undefined` for the mark at the end */
  #spansAt(bytes: Buffer, start: number, end: number): number[] | undefined {
    const key = traceKeyAt(bytes, start, end) ?? (isSealLine(bytes, start, end) ? undefined : NO_TRACE);
    if (key === undefined) return undefined;
    let spans = this.#spans.get(key);
    if (spans === undefined) {
      spans = [...find(this.#rows, key)];
      this.#spans.set(key, spans);
    }
    return spans;
  }

  of(key: TraceKey): LineSpans {
    return this.#spans.get(key) ?? find(this.#rows, key);
  }

  encode(): Buffer {
    const rows = [...this.#spans.keys()].sort().map((key) => `${key}${TAB}${distances(this.of(key))}\n`);
    return Buffer.from(rows.join(''), 'latin1');
  }
}

/** A binary search for the row that begins with the key. */
function find(rows: Buffer, key: TraceKey): LineSpans {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = middle === 0 ? 0 : rows.lastIndexOf(LINE_FEED, middle - 1) + 1;
    const end = rows.indexOf(LINE_FEED, middle);
    const tab = rows.indexOf(TAB, start);
    const found = rows.toString('latin1', start, tab);
    if (found === key) return spans(rows.toString('latin1', tab + 1, end));
    if (found < key) low = end + 1;
    else high = start;
  }
  return none;
}

function distances(spans: LineSpans): string {
  let last = 0;
  const texts = spans.map((edge) => {
    const distance = edge - last;
    last = edge;
    return distance;
  });
  return texts.join(' ');
}

function spans(distances: string): LineSpans {
  let last = 0;
  return distances.split(' ').map((distance) => {
    last += Number(distance);
    return last;
  });
}
