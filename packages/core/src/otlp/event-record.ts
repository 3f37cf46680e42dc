import { parseTraceEvent } from '../events/parse-trace-event.ts';
import type { TraceEvent } from '../events/trace-event.ts';

/** A record longer than this is none of ours: stores cap events far below it. */
const maxRecordLength = 1_048_576;

/**
 * The event as JSON text.
 *
 * @returns `undefined` for an event that JSON cannot express: no store gave it out, and its span is told without records
 */
export function formatRecord(event: TraceEvent): string | undefined {
  try {
    return JSON.stringify(event);
  } catch {
    return undefined;
  }
}

/** @returns `undefined` for a text that is no event */
export function parseRecord(text: unknown): TraceEvent | undefined {
  if (typeof text !== 'string' || text.length > maxRecordLength) return undefined;
  try {
    return parseTraceEvent(JSON.parse(text)).event;
  } catch {
    return undefined;
  }
}
