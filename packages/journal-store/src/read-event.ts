import { eventId, parseTraceEvent, type TraceEvent } from '@throughline/core/events';
import { readJournalLine } from './journal-line.ts';
import { isSealLine } from './segment-seal.ts';

/**
 * Reads the event out of one line; it has an `event_id`. Total: a line is an event, the mark at the end of a segment, or
 * damaged.
 */
export function readEvent(bytes: Buffer, start: number, end: number): TraceEvent | 'seal' | 'damaged' {
  const json = readJournalLine(bytes, start, end);
  if (json === undefined) return 'damaged';
  if (isSealLine(bytes, start, end)) return 'seal';
  try {
    const { event } = parseTraceEvent(JSON.parse(json));
    if (event === undefined) return 'damaged';
    return event.event_id === undefined ? { ...event, event_id: eventId(event) } : event;
  } catch {
    return 'damaged';
  }
}
