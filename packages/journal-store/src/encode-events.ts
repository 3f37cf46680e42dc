import { encodeTraceEvent, type TraceEvent } from '@throughline/core/events';

/** A batch as it can be stored; it shares nothing with what was given. */
export interface EncodedEvents {
  readonly events: readonly TraceEvent[];
  readonly rejected: readonly { readonly event: TraceEvent; readonly reason: string }[];
}

/** Encodes a batch. What is no event is rejected with a reason, the rest is kept. */
export function encodeEvents(given: readonly TraceEvent[]): EncodedEvents {
  const events: TraceEvent[] = [];
  const rejected: { event: TraceEvent; reason: string }[] = [];
  for (const each of given) {
    const { event, reason } = encodeTraceEvent(each);
    if (event === undefined) rejected.push({ event: each, reason });
    else events.push(event);
  }
  return { events, rejected };
}
