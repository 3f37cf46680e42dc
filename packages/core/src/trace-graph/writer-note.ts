import type { TraceSpan } from './trace-span.ts';

/** A note that an event writer leaves about the trace itself: events were dropped, or it continues another one. */
export function isWriterNote({ form, subject }: TraceSpan): boolean {
  return form === 'point' && subject === 'throughline';
}
