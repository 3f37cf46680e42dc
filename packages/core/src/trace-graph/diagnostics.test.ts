import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../events/trace-event.ts';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph } from './trace-graph.ts';

const gap = { dropped: 40, reason: 'buffer_full' };
const links = [{ trace_id: 'T1', span_id: 'A' }];
const twoEnds = [...spanEvents('A'), { ...oneEvent('A', 'call:failed', 12), status: 'failed' as const }];

describe('diagnostics', () => {
  it.each([
    [
      'the parent of which no event arrived',
      spanEvents('A', { parent: 'X' }),
      { kind: 'orphan', spanId: 'X', count: 1 },
    ],
    [
      'a span that is its own ancestor',
      spanEvents('A', { parent: 'A' }),
      { kind: 'cycle', spanId: 'A', count: 1 },
    ],
    [
      'an event that arrived again',
      [...spanEvents('A'), ...spanEvents('A')],
      { kind: 'duplicate', spanId: 'A', count: 2 },
    ],
    [
      'an unreadable timestamp',
      [{ ...oneEvent('A', 'a:note'), timestamp: 'noon' }],
      { kind: 'undated', spanId: 'A', count: 1 },
    ],
    ['two ends', twoEnds, { kind: 'conflicting_terminal', spanId: 'A', count: 1 }],
    [
      'two parents',
      [
        ...spanEvents('P'),
        ...spanEvents('Q'),
        oneEvent('A', 'a:started', 0, { parent: 'P' }),
        oneEvent('A', 'a:completed', 5, { parent: 'Q' }),
      ],
      { kind: 'conflicting_parent', spanId: 'A', count: 1 },
    ],
    [
      'a span that starts before its parent',
      [...spanEvents('P', { at: 100 }), ...spanEvents('A', { parent: 'P', at: 20, ms: 90 })],
      { kind: 'skew', spanId: 'A', count: 1, detail: 'starts 80 ms before its parent' },
    ],
    [
      'a span that starts before the one it came from by link',
      [...spanEvents('A', { at: 100 }), ...spanEvents('B', { trace: 'T2', at: 20, data: { links } })],
      { kind: 'skew', traceId: 'T2', spanId: 'B', count: 1, detail: 'starts 80 ms before what it came from' },
    ],
    [
      'a span that ends before it starts',
      spanEvents('A', { ms: -5 }),
      { kind: 'skew', spanId: 'A', count: 1, detail: 'goes back by 5 ms' },
    ],
    [
      'events that a writer had to drop',
      [...spanEvents('A'), oneEvent('G', 'throughline:gap', 5, { parent: 'A' }, gap)],
      { kind: 'gap', spanId: 'G', count: 40 },
    ],
    [
      'data that was cut',
      [oneEvent('A', 'a:note', 0, {}, { truncated: true })],
      { kind: 'truncated', spanId: 'A', count: 1 },
    ],
  ] as [string, TraceEvent[], object][])('tell %s', (_name, events, diagnostic) => {
    expect(createTraceGraph(events).diagnostics()).toEqual([{ traceId: 'T1', ...diagnostic }]);
  });

  it('tell entries that are no events', () => {
    const entries = [null, 3, { trace_id: 'T1' }] as unknown as TraceEvent[];
    expect(createTraceGraph(entries).diagnostics()).toEqual([{ kind: 'malformed', count: 3 }]);
  });

  it('tell a linked trace that was not read, and why', () => {
    const collected = {
      events: spanEvents('A'),
      traceIds: ['T1'],
      cutOffs: [{ traceId: 'T9', reason: 'max_traces' as const }],
    };
    expect(createTraceGraph(collected).diagnostics()).toEqual([
      { kind: 'cut_off', traceId: 'T9', count: 1, detail: 'max_traces' },
    ]);
  });
});
