import { describe, expect, it } from 'vitest';
import { eventId } from './event-id.ts';
import type { TraceEvent } from './trace-event.ts';

const minimal: TraceEvent = {
  trace_id: 'T1',
  span_id: 'S1',
  event_type: 'workflow:started',
  timestamp: '2026-01-31T12:00:00Z',
};

describe('eventId', () => {
  it('is the id that the event has', () => {
    expect(eventId({ ...minimal, event_id: 'E1' })).toBe('E1');
  });

  // These are the vectors of docs/design/events.md.
  it.each([
    [minimal, '2c345465f6f2958490696377e525f0f5'],
    [
      { ...minimal, data: { b: 1, a: ['é', null, 1.5, true] }, status: 'success' } satisfies TraceEvent,
      'd0637eaca1d608f7055c91f0f4455607',
    ],
  ])('derives the id of test vector %#', (event, id) => {
    expect(eventId(event)).toBe(id);
  });

  it('does not depend on the order of keys', () => {
    const { timestamp, ...rest } = minimal;
    expect(eventId({ timestamp, ...rest })).toBe(eventId(minimal));
  });

  it.each([{ seq: 1 }, { span_id: 'S2' }, { data: { a: 1 } }, { tags: ['x'] }])(
    'differs with %j',
    (change) => {
      expect(eventId({ ...minimal, ...change })).not.toBe(eventId(minimal));
    },
  );
});
