import { describe, expect, it } from 'vitest';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph } from './trace-graph.ts';

const entity = { system: 'bullmq', queue: 'mail', name: 'send', id: '1' };
const sent = oneEvent('S', 'job:queued', 0, {}, { entity });

describe('timing', () => {
  it('takes what the source measured, in seconds', () => {
    const attributes = {
      'throughline.delay.duration': 0.05,
      'throughline.wait.duration': 0.02,
      'throughline.backoff.duration': 0,
    };
    const graph = createTraceGraph([
      sent,
      ...spanEvents('A', { parent: 'S', at: 70, job: '1', attempt: 1, data: { attributes } }),
    ]);
    expect(graph.timing('A')).toEqual({ delayMs: 50, waitMs: 20, backoffMs: 0, runMs: 10, totalMs: 80 });
  });

  it('else counts the gap since the send as wait', () => {
    const graph = createTraceGraph([sent, ...spanEvents('A', { at: 70, job: '1', attempt: 1 })]);
    expect(graph.timing('A')).toMatchObject({ waitMs: 70, runMs: 10, totalMs: 80 });
  });

  it('counts the gap after a delayed attempt as delay', () => {
    const [start, end] = spanEvents('A', { job: '1', attempt: 1, end: 'suspended' });
    const graph = createTraceGraph([
      ...(start === undefined || end === undefined ? [] : [start, { ...end, data: { outcome: 'delayed' } }]),
      ...spanEvents('B', { at: 40, job: '1', attempt: 2 }),
    ]);
    expect(graph.timing('B')).toMatchObject({ delayMs: 30, waitMs: 0, runMs: 10 });
  });

  it('counts no gap from before the send: that clock is behind', () => {
    const graph = createTraceGraph([
      sent,
      ...spanEvents('A', { at: -3_600_000, job: '1', attempt: 1, end: 'retrying', source: 'w' }),
      ...spanEvents('B', { at: 40, job: '1', attempt: 2 }),
    ]);
    expect(graph.timing('B')).toMatchObject({ waitMs: 40, runMs: 10 });
  });

  it('tells wait and run of one span apart when the span was queued and started', () => {
    const graph = createTraceGraph([
      oneEvent('A', 'task:queued', 0),
      ...spanEvents('A', { subject: 'task', at: 30 }),
    ]);
    expect(graph.timing('A')).toMatchObject({ waitMs: 30, runMs: 10, totalMs: 40 });
  });

  it('is never negative, whatever the clocks say', () => {
    const graph = createTraceGraph([
      { ...sent, timestamp: '2026-01-31T13:00:00Z' },
      ...spanEvents('A', { at: 70, ms: -20, job: '1', attempt: 1 }),
    ]);
    expect(graph.timing('A')).toEqual({ delayMs: 0, waitMs: 0, backoffMs: 0, runMs: 0, totalMs: 0 });
  });

  it('does not believe a duration that no clock can have measured', () => {
    const attributes = { 'throughline.wait.duration': 1e308, 'throughline.delay.duration': -5 };
    const graph = createTraceGraph(spanEvents('A', { data: { attributes } }));
    expect(graph.timing('A')).toEqual({ delayMs: 0, waitMs: 0, backoffMs: 0, runMs: 10, totalMs: 10 });
  });

  it('runs to now while open', () => {
    const graph = createTraceGraph(spanEvents('A', { end: undefined }));
    expect(graph.timing('A', { now: Date.UTC(2026, 0, 31, 12, 0, 1) }).runMs).toBe(1000);
    expect(graph.timing('A').runMs).toBe(0);
  });

  it('is nothing for a span that nobody knows', () => {
    expect(createTraceGraph([]).timing('A').totalMs).toBe(0);
  });
});
