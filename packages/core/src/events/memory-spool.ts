import { StoreFullError } from '../errors/store-full-error.ts';
import type { EventSpool, SpooledBatch } from './event-spool.ts';
import type { TraceEvent } from './trace-event.ts';

/** What outlives the process in tests: batches as JSON, oldest first. */
export type Disk = Set<{ readonly text: string }>;

/** A spool over a disk that tests can look at, and share between the writers of one process after another. */
export class MemorySpool implements EventSpool {
  readonly disk: Disk;
  /** Batches that fit. */
  capacity: number = Number.POSITIVE_INFINITY;
  /** What happens instead of keeping: waits, fails, hangs. */
  behave: (keep: () => void) => Promise<void> = async (keep) => keep();
  /** Sizes of the batches that were given to `append`. */
  readonly sizes: number[] = [];

  constructor(disk: Disk = new Set()) {
    this.disk = disk;
  }

  append(events: readonly TraceEvent[]): Promise<void> {
    this.sizes.push(events.length);
    return this.behave(() => this.appendSync(events));
  }

  appendSync(events: readonly TraceEvent[]): void {
    if (this.disk.size >= this.capacity) throw new StoreFullError('The disk');
    for (let at = 0; at < events.length; at += 100) {
      this.disk.add({ text: JSON.stringify(events.slice(at, at + 100)) });
    }
  }

  async *pending(): AsyncIterable<SpooledBatch> {
    for (const batch of [...this.disk]) {
      yield { events: JSON.parse(batch.text), done: async () => void this.disk.delete(batch) };
    }
  }

  get events(): readonly TraceEvent[] {
    return [...this.disk].flatMap(({ text }) => JSON.parse(text) as TraceEvent[]);
  }
}
