import { closeSync, fstatSync } from 'node:fs';
import type { SpooledBatch, TraceEvent } from '@throughline/core/events';
import { openIfThere } from './open-if-there.ts';
import { readEvent } from './read-event.ts';
import { removeSegment } from './remove-segment.ts';
import { forEachLine, readLines } from './segment-lines.ts';

/** The lines from one position to another: a batch is known by it. */
type BatchKey = `${number}-${number}`;

/**
 * A segment of a spool that nobody writes to any more. It is deleted when all its batches are done; until then, a batch that
 * is not done is given again.
 */
export class SpooledSegment {
  readonly path: string;
  /** Where lines are that cannot be read. */
  readonly damaged: Set<number> = new Set();
  readonly #batchEvents: number;
  readonly #done = new Set<BatchKey>();
  /** What the latest whole reading found. */
  #found: { readonly batches: readonly BatchKey[]; readonly size: number } | undefined;

  constructor(path: string, batchEvents: number) {
    this.path = path;
    this.#batchEvents = batchEvents;
  }

  async *batches(): AsyncGenerator<SpooledBatch> {
    const fd = openIfThere(this.path);
    if (fd === undefined) return;
    const batches: BatchKey[] = [];
    const { size } = fstatSync(fd);
    this.#found = undefined;
    try {
      for await (const { key, events } of this.#read(fd, size)) {
        batches.push(key);
        if (!this.#done.has(key)) yield { events, done: () => this.#finish(key) };
      }
    } finally {
      closeSync(fd);
    }
    this.#found = { batches, size };
    await this.#deleteWhenDone();
  }

  async *#read(fd: number, size: number): AsyncGenerator<{ key: BatchKey; events: TraceEvent[] }> {
    let read = 0;
    for await (const { bytes, position } of readLines(fd, 0, size)) {
      const events: TraceEvent[] = [];
      const ends: number[] = [];
      forEachLine(bytes, (start, end) => {
        const event = readEvent(bytes, start, end);
        if (event === 'damaged') this.damaged.add(position + start);
        if (typeof event !== 'object') return;
        events.push(event);
        ends.push(position + end);
      });
      for (let first = 0; first < events.length; first += this.#batchEvents) {
        const batch = events.slice(first, first + this.#batchEvents);
        const end = ends[first + batch.length - 1] ?? position;
        yield { key: `${read}-${end}`, events: batch };
        read = end;
      }
      read = position + bytes.length;
    }
    if (read < size) this.damaged.add(read); // torn
  }

  async #finish(key: BatchKey): Promise<void> {
    this.#done.add(key);
    await this.#deleteWhenDone();
  }

  /** Not when it has grown since it was read: then the next reading gives what came. */
  async #deleteWhenDone(): Promise<void> {
    const found = this.#found;
    if (found?.batches.every((key) => this.#done.has(key)) !== true) return;
    this.#found = undefined;
    await removeSegment(this.path, found.size);
  }
}
