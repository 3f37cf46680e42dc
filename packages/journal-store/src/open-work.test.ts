import type { TraceEvent } from '@throughline/core/events';
import { describe, expect, it } from 'vitest';
import { type OpenWork, openWorkAfter } from './open-work.ts';

const entity = { system: 'bullmq', queue: 'mail', id: '1' };

/** What is open after these events, in the order in which they are read. */
function after(...steps: [phase: string, span: string, at: number, data?: TraceEvent['data']][]): OpenWork {
  return steps.reduce<OpenWork>(
    (open, [phase, span_id, at, data]) =>
      openWorkAfter(
        open,
        { trace_id: 'T1', span_id, event_type: `job:${phase}`, timestamp: '', ...(data && { data }) },
        at,
      ),
    [],
  );
}

describe('what a segment knows to be unfinished of a trace', () => {
  it('is a span that began', () => {
    expect(after(['queued', 'S0', 1], ['started', 'S1', 2])).toEqual([['span S1', 2, 0]]);
  });

  it('is nothing when every span that began has ended', () => {
    expect(after(['started', 'S1', 1], ['progress', 'S1', 2], ['completed', 'S1', 3])).toEqual([]);
  });

  it('is the work of an entity between two attempts, and no longer', () => {
    const retrying = [
      ['started', 'S1', 1, { entity }],
      ['retrying', 'S1', 2, { entity }],
    ] satisfies Parameters<typeof after>;
    expect(after(...retrying)).toEqual([['["bullmq","mail","1"]', 2, 0]]);
    expect(after(...retrying, ['started', 'S2', 3, { entity }], ['completed', 'S2', 4, { entity }])).toEqual(
      [],
    );
  });

  it('cannot be told when an attempt ends without a word about its work', () => {
    expect(after(['retrying', 'S1', 1], ['completed', 'S2', 2, { entity }])).toBeNull();
  });

  it('stays unfinished when the end is not later than the beginning', () => {
    expect(after(['started', 'S1', 5], ['completed', 'S1', 5])).toEqual([['span S1', 5, 0]]);
  });

  it('is not remembered one by one when it is much', () => {
    const many = Array.from({ length: 1000 }, (_, n): Parameters<typeof after>[0] => ['started', `S${n}`, n]);
    expect(after(...many)).toBeNull();
  });
});
