import type { AppendResult, TraceEvent } from '@throughline/core/events';
import { AppendedIds, type PendingWrite } from './appended-ids.ts';
import { type EncodedEvents, encodeEvents } from './encode-events.ts';
import { encodeJournalLines } from './journal-line.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** Appends events to segments, each once by `event_id` as far as this process remembers. */
export class JournalAppender {
  readonly #writer: SegmentWriter;
  readonly #ids = new AppendedIds();

  constructor(writer: SegmentWriter) {
    this.#writer = writer;
  }

  /** @throws the system's error */
  async append(given: readonly TraceEvent[]): Promise<AppendResult> {
    const encoded = encodeEvents(given);
    const write: PendingWrite = { isStored: false, settled: Promise.resolve() };
    let fresh = this.#claim(encoded, write);
    while (!Array.isArray(fresh)) {
      // Only the end of that other write tells whether its events are stored, and ours duplicates.
      await fresh.settled;
      fresh = this.#claim(encoded, write);
    }
    if (fresh.length > 0) await this.#write(fresh, write);
    return resultOf(encoded, fresh);
  }

  /**
   * At once. What is being written is written again: nobody can say any more how that will end.
   *
   * @throws the system's error
   */
  appendSync(given: readonly TraceEvent[]): AppendResult {
    const encoded = encodeEvents(given);
    const write: PendingWrite = { isStored: false, settled: Promise.resolve() };
    const fresh = encoded.events.filter(({ event_id = '' }) => {
      const other = this.#ids.writeOf(event_id);
      if (other === write || other?.isStored) return false;
      this.#ids.add(event_id, write);
      return true;
    });
    try {
      if (fresh.length > 0) this.#writer.appendSync(linesOf(fresh));
      write.isStored = true;
    } finally {
      if (!write.isStored) this.#ids.forget(idsOf(fresh), write);
    }
    return resultOf(encoded, fresh);
  }

  /**
   * Takes the events that nobody has written for this write.
   *
   * @returns those; or, having taken none, the write under way that has one of them
   */
  #claim({ events }: EncodedEvents, write: PendingWrite): TraceEvent[] | PendingWrite {
    const fresh: TraceEvent[] = [];
    for (const event of events) {
      const { event_id = '' } = event;
      const other = this.#ids.writeOf(event_id);
      if (other === undefined) {
        this.#ids.add(event_id, write);
        fresh.push(event);
      } else if (other !== write && !other.isStored) {
        this.#ids.forget(idsOf(fresh), write);
        return other;
      }
    }
    return fresh;
  }

  async #write(fresh: readonly TraceEvent[], write: PendingWrite): Promise<void> {
    const written = this.#writer.append(linesOf(fresh));
    write.settled = written.then(
      () => {
        write.isStored = true;
      },
      () => this.#ids.forget(idsOf(fresh), write),
    );
    await written;
  }
}

function linesOf(events: readonly TraceEvent[]): Buffer {
  return encodeJournalLines(events.map((event) => JSON.stringify(event)));
}

function idsOf(events: readonly TraceEvent[]): string[] {
  return events.map(({ event_id = '' }) => event_id);
}

function resultOf({ events, rejected }: EncodedEvents, fresh: readonly TraceEvent[]): AppendResult {
  return { stored: fresh.length, duplicates: events.length - fresh.length, rejected };
}
