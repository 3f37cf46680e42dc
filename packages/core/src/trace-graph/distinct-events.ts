import type { TraceEvent } from '../events/trace-event.ts';
import { contentOf, isSameEvent } from './event-order.ts';

/** From this many events of one span on, duplicates are looked up instead of compared one by one. */
const crowd = 8;

/** The events of a span without those that arrived before, in the same order. */
export function distinctEvents(events: TraceEvent[]): TraceEvent[] {
  if (events.length < 2) return events;
  if (events.length < crowd)
    return events.filter((event, i) => events.findIndex((earlier) => isSameEvent(earlier, event)) === i);
  const seen = new EventSet();
  return events.filter((event) => seen.add(event));
}

/**
 * Finds duplicates in linear time. The key is cheap and nearly always unique; content is compared only behind a key
 * that is shared, because two different events may carry one id and neither may be lost.
 */
class EventSet {
  readonly #byKey = new Map<string, TraceEvent | Set<string>>();

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
