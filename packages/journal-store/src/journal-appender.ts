import type { AppendResult, TraceEvent } from '@throughline/core/events';
import { AppendedIds } from './appended-ids.ts';
import { type EncodedEvents, encodeEvents } from './encode-events.ts';
import { formatJournalLine } from './journal-line.ts';
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
    // Only the end of a write under way tells whether its events are stored, and ours duplicates.
    for (let write = this.#underWay(encoded); write !== undefined; write = this.#underWay(encoded))
      await write;
    const fresh = this.#fresh(encoded);
    if (fresh.lines !== '') await this.#ids.during(fresh.ids, this.#writer.append(fresh.lines));
    return resultOf(encoded, fresh);
  }

  /** At once. What is being written is written again: nobody can say any more how that will end. @throws the system's error */
  appendSync(given: readonly TraceEvent[]): AppendResult {
    const encoded = encodeEvents(given);
    const fresh = this.#fresh(encoded);
    if (fresh.lines !== '') this.#writer.appendSync(fresh.lines);
    this.#ids.add(fresh.ids);
    return resultOf(encoded, fresh);
  }

  #underWay({ events }: EncodedEvents): Promise<unknown> | undefined {
    if (!this.#ids.isWriting) return undefined;
    for (const { event_id = '' } of events) {
      const write = this.#ids.writing(event_id);
      if (write !== undefined) return write;
    }
    return undefined;
  }

  #fresh({ events }: EncodedEvents): FreshLines {
    let lines = '';
    const ids = new Set<string>();
    for (const event of events) {
      const { event_id = '' } = event;
      if (this.#ids.has(event_id) || ids.has(event_id)) continue;
      ids.add(event_id);
      lines += formatJournalLine(JSON.stringify(event));
    }
    return { lines, ids: [...ids] };
  }
}

/** The lines of events that are not known, and the id of each. */
interface FreshLines {
  readonly lines: string;
  readonly ids: readonly string[];
}

function resultOf({ events, rejected }: EncodedEvents, { ids }: FreshLines): AppendResult {
  return { stored: ids.length, duplicates: events.length - ids.length, rejected };
}
