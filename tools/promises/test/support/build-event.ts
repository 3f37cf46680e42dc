import type { TraceEvent } from '@throughline/core/events';

let made = 0;

/** An event like no other, in trace `T1` unless said otherwise. */
export function event(change: Partial<TraceEvent> = {}): TraceEvent {
  made++;
  return {
    trace_id: 'T1',
    span_id: `S${made}`,
    event_type: 'job:progress',
    timestamp: '2026-01-31T12:00:00.000000Z',
    ...change,
  };
}

/** That many of them. */
export function events(count: number, change: Partial<TraceEvent> = {}): TraceEvent[] {
  return Array.from({ length: count }, () => event(change));
}
