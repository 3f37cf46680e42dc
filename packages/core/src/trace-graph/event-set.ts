import type { TraceEvent } from '../events/trace-event.ts';
import { contentOf } from './event-order.ts';

/**
 * The events of a crowded span, for finding duplicates in linear time.
 *
 * The key is cheap and nearly always unique; content is compared only behind a key that is shared, because two
 * different events may carry one id and neither may be lost.
 */
export class EventSet {
  readonly #byKey = new Map<string, TraceEvent | Set<string>>();

  constructor(events: readonly TraceEvent[]) {
    for (const event of events) this.add(event);
  }

  /** @returns `false` when an event of the same content was added before */
  add(event: TraceEvent): boolean {
    const key = event.event_id ?? `${event.event_type} ${event.timestamp}`;
    const known = this.#byKey.get(key);
    if (known === undefined) {
      this.#byKey.set(key, event);
      return true;
    }
    const contents = known instanceof Set ? known : new Set([contentOf(known)]);
    this.#byKey.set(key, contents);
    const before = contents.size;
    return contents.add(contentOf(event)).size > before;
  }
}
