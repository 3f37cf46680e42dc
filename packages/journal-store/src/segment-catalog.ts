import { join } from 'node:path';
import { segmentNamesIn } from './journal-directory.ts';
import { JournalSegment } from './journal-segment.ts';

/** The indexes of segments that are not written to may take so much memory between two reads. */
const MEMORY_BYTES = 64 * 2 ** 20;

/** The segments of a directory, with what readers remember of each. */
export class SegmentCatalog {
  readonly #directory: string;
  /** In the order in which they were begun. */
  #segments: ReadonlyMap<string, JournalSegment> = new Map();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** As they are now. @throws the system's error */
  current(): readonly JournalSegment[] {
    const names = segmentNamesIn(this.#directory);
    this.#segments = new Map(
      names.map((name) => [
        name,
        this.#segments.get(name) ?? new JournalSegment(join(this.#directory, name)),
      ]),
    );
    return this.known();
  }

  /** As they were when they were listed last. */
  known(): readonly JournalSegment[] {
    return [...this.#segments.values()];
  }

  /** Frees the memory of the oldest indexes, as far as all of them take too much. */
  trim(): void {
    let excess = -MEMORY_BYTES;
    for (const segment of this.#segments.values()) excess += segment.memoryBytes;
    for (const segment of this.#segments.values()) {
      if (excess <= 0) return;
      excess -= segment.memoryBytes;
      segment.dropIndexes();
    }
  }
}
