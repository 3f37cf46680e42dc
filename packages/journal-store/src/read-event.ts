import { parseTraceEvent, type TraceEvent } from '@throughline/core/events';
import { readJournalLine } from './journal-line.ts';
import { isSealLine } from './segment-seal.ts';

/** Reads the event out of one line. Total: a line is an event, the mark at the end of a segment, or damaged. */
export function readEvent(bytes: Buffer, start: number, end: number): TraceEvent | 'seal' | 'damaged' {
  const json = readJournalLine(bytes, start, end);
  if (json === undefined) return 'damaged';
  if (isSealLine(bytes, start, end)) return 'seal';
  try {
    return parseTraceEvent(JSON.parse(json)).event ?? 'damaged';
  } catch {
    return 'damaged';
  }
}
