import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTraceEvent } from './encode-trace-event.ts';
import { parseTraceEvent } from './parse-trace-event.ts';

const minimal = { trace_id: 'T1', span_id: 'S1', event_type: 'a:b', timestamp: '2026-01-31T12:00:00Z' };

describe('parseTraceEvent', () => {
  it('keeps ids that are not of W3C', () => {
    expect(parseTraceEvent(minimal).event).toEqual(minimal);
  });

  it.each([undefined, 7, null])('keeps an event whose timestamp is %s, undated', (timestamp) => {
    expect(parseTraceEvent({ ...minimal, timestamp }).event?.timestamp).toBe('');
  });

  it('keeps a timestamp that it cannot read', () => {
    expect(parseTraceEvent({ ...minimal, timestamp: 'yesterday' }).event?.timestamp).toBe('yesterday');
  });

  it.each([
    { status: 'done' },
    { tags: 'x' },
    { data: 5 },
    { parent_span_id: '' },
    { event_id: 7 },
    { seq: 1.5 },
    { source: null },
    { unknown: true },
  ])('leaves out %j', (field) => {
    expect(parseTraceEvent({ ...minimal, ...field }).event).toEqual(minimal);
  });

  it('reads what was encoded', () => {
    fc.assert(
      fc.property(fc.object(), fc.array(fc.string({ maxLength: 20 }), { maxLength: 5 }), (data, tags) => {
        const { event } = encodeTraceEvent({ ...minimal, status: 'failed', seq: 3, source: 'x', data, tags });
        expect(parseTraceEvent(JSON.parse(JSON.stringify(event))).event).toEqual(event);
      }),
    );
  });

  it('is total', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const { event, reason } = parseTraceEvent(value);
        expect(event === undefined).toBe(typeof reason === 'string');
      }),
    );
  });
});
