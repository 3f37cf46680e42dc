import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesTraceQuery } from './matches-trace-query.ts';
import { parseTraceEvent } from './parse-trace-event.ts';
import { summarizeTrace } from './summarize-trace.ts';
import type { TraceEvent } from './trace-event.ts';
import type { TraceSummary } from './trace-store.ts';

const entity = { system: 'bullmq', queue: 'mail', id: '1' };

function event(
  event_type: string,
  second: number,
  span_id = 'S1',
  data: TraceEvent['data'] = {},
): TraceEvent {
  return { trace_id: 'T1', span_id, event_type, timestamp: `2026-01-31T12:00:0${second}Z`, data };
}

function statusOf(...events: readonly TraceEvent[]): TraceSummary['status'] {
  return summarizeTrace('T1', events).status;
}

describe('summarizeTrace', () => {
  it('is failed when an event of phase failed exists', () => {
    expect(statusOf(event('job:failed', 1), event('job:completed', 2, 'S2'))).toBe('failed');
  });

  it('is not failed by an attempt that another follows', () => {
    const first = event('job:retrying', 1, 'S1', { entity });
    expect(statusOf(first, event('job:completed', 2, 'S2', { entity }))).toBe('success');
  });

  it.each(['retrying', 'suspended'])('is open while work was last heard of as %s', (phase) => {
    expect(statusOf(event('job:started', 1, 'S1', { entity }), event(`job:${phase}`, 2))).toBe('open');
  });

  it('is open while a span began and did not end', () => {
    expect(statusOf(event('a:started', 1), event('b:started', 2, 'S2'), event('b:completed', 3, 'S2'))).toBe(
      'open',
    );
  });

  it('is success when everything ended', () => {
    expect(statusOf(event('a:started', 1), event('a:canceled', 2))).toBe('success');
  });

  it('is success for points and sends', () => {
    expect(statusOf(event('ai:decision', 1), event('job:queued', 2, 'S2', { entity }))).toBe('success');
  });

  it('does not depend on the order of arrival', () => {
    expect(statusOf(event('a:completed', 2), event('a:started', 1))).toBe('success');
  });

  it('tells the first and the last readable time', () => {
    const undated = { ...event('x:y', 5), timestamp: 'yesterday' };
    expect(summarizeTrace('T1', [event('a:b', 3), undated, event('a:b', 1)])).toMatchObject({
      startedAt: Date.parse('2026-01-31T12:00:01Z'),
      lastAt: Date.parse('2026-01-31T12:00:03Z'),
      events: 3,
    });
  });

  it('tells each entity once, with all that is known of it', () => {
    const named = { ...entity, name: 'welcome' };
    const events = [
      event('job:queued', 1, 'S1', { entity }),
      event('job:started', 2, 'S2', { entity: named }),
    ];
    expect(summarizeTrace('T1', events).entities).toEqual([named]);
  });

  it('is total on what files give, and so is matchesTraceQuery', () => {
    const key = fc.constantFrom('entity', 'links', 'error', 'attributes', 'name');
    const query = { queue: 'q', entityId: 'i', text: 'x', linkedTo: 'l', attributes: { a: 1 }, tag: 't' };
    fc.assert(
      fc.property(fc.array(fc.dictionary(key, fc.jsonValue())), fc.jsonValue(), (datas, tags) => {
        const events = datas.flatMap(
          (data) => parseTraceEvent({ ...event('a:b', 1), data, tags }).event ?? [],
        );
        const summary = summarizeTrace('T1', events);
        for (const [condition, wanted] of Object.entries(query)) {
          expect(typeof matchesTraceQuery(summary, events, { [condition]: wanted })).toBe('boolean');
        }
      }),
    );
  });
});
