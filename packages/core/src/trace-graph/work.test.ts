import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../events/trace-event.ts';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph } from './trace-graph.ts';

const entity = { system: 'bullmq', queue: 'mail', name: 'send', id: '1' };
const lost = (id: string, attempt: number): TraceEvent[] =>
  spanEvents(id, { job: '1', attempt, at: attempt, end: undefined });
const report = (id: string, data = {}): TraceEvent =>
  oneEvent(id, 'job:stalled', 90, {}, { entity, ...data });
const states = (...events: TraceEvent[]): string[] =>
  createTraceGraph(events)
    .attempts('1')
    ?.attempts.map(({ spanId, state }) => `${spanId} ${state}`) ?? [];

describe('attempts at one job', () => {
  it('are ordered by number, whatever the clocks of their workers say', () => {
    const events = [
      ...spanEvents('B', { job: '1', attempt: 2, at: 10 }),
      ...spanEvents('A', { job: '1', attempt: 1, at: 500, end: 'retrying' }),
    ];
    expect(states(...events)).toEqual(['A retrying', 'B completed']);
  });

  it('are interrupted when a newer one exists', () => {
    expect(states(...lost('A', 1), ...lost('B', 2))).toEqual(['A interrupted', 'B open']);
  });

  it('are interrupted when a stall was reported by somebody who cannot know the span', () => {
    expect(states(...lost('A', 1), report('X'))).toEqual(['A interrupted']);
  });

  it('share reports: one stall of the first does not end the second', () => {
    expect(states(...lost('A', 1), report('X'), ...lost('B', 2))).toEqual(['A interrupted', 'B open']);
    expect(states(...lost('A', 1), report('X'), ...lost('B', 2), report('Y'))).toEqual([
      'A interrupted',
      'B interrupted',
    ]);
  });

  it('are told apart by the number in a report', () => {
    expect(states(...lost('A', 1), ...lost('B', 2), report('X', { attempt: 1 }))).toEqual([
      'A interrupted',
      'B open',
    ]);
    expect(states(...lost('B', 2), report('X', { attempt: 2 }))).toEqual(['B interrupted']);
  });

  it('share reports without a number after one that has its own', () => {
    const first = [...lost('A', 1), report('X', { attempt: 1 })];
    expect(states(...first, ...lost('B', 2))).toEqual(['A interrupted', 'B open']);
    expect(states(...first, ...lost('B', 2), report('Y'))).toEqual(['A interrupted', 'B interrupted']);
  });

  it('do not count sends, remarks and spans inside them', () => {
    const events = [
      oneEvent('S', 'job:queued', 0, {}, { entity }),
      ...spanEvents('A', { job: '1', attempt: 1 }),
      ...spanEvents('I', { parent: 'A', data: { entity } }),
      oneEvent('N', 'job:note', 5, {}, { entity }),
    ];
    expect(states(...events)).toEqual(['A completed']);
  });

  it('include an end that came without a start: the job never ran', () => {
    const graph = createTraceGraph([{ ...oneEvent('F', 'job:failed', 9, {}, { entity }), status: 'failed' }]);
    expect(graph.attempts('1')).toMatchObject({ state: 'failed', failures: 1 });
  });

  it('of one id in two queues are two pieces of work', () => {
    const other = { ...entity, queue: 'sms' };
    const graph = createTraceGraph([
      ...spanEvents('A', { job: '1', attempt: 1 }),
      ...spanEvents('B', { at: 20, data: { entity: other, attempt: 1 } }),
    ]);
    expect(graph.attempts({ queue: 'sms', id: '1' })?.attempts).toMatchObject([{ spanId: 'B' }]);
    expect(graph.retries()).toEqual([]);
  });

  it('leave work open that was sent and never started', () => {
    const graph = createTraceGraph([oneEvent('S', 'job:queued', 0, {}, { entity })]);
    expect(graph.attempts('1')).toMatchObject({ state: 'open', latest: undefined });
  });
});
