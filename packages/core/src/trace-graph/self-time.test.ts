import { describe, expect, it } from 'vitest';
import { oneEvent, type SpanPlan, spanEvents } from './build-events.ts';
import type { SelfTime } from './self-time.ts';
import { createTraceGraph } from './trace-graph.ts';

const selfTime = (
  plans: Readonly<Record<string, SpanPlan>>,
  ...more: ReturnType<typeof oneEvent>[]
): SelfTime =>
  createTraceGraph([
    ...Object.entries(plans).flatMap(([id, plan]) => spanEvents(id, plan)),
    ...more,
  ]).selfTime('R');

describe('self time', () => {
  it('is what the children leave, overlapping ones counted once', () => {
    expect(
      selfTime({
        R: { ms: 100 },
        A: { parent: 'R', at: 10, ms: 30 },
        B: { parent: 'R', at: 30, ms: 30 },
        C: { parent: 'R', at: 35, ms: 5 },
        D: { parent: 'R', at: 80, ms: 10 },
      }),
    ).toEqual({ selfMs: 40, belowMs: 60, confidence: { level: 'high', reasons: [] } });
  });

  it('does not look below the children', () => {
    expect(
      selfTime({ R: { ms: 100 }, A: { parent: 'R', at: 10 }, B: { parent: 'A', at: 12, ms: 60 } }),
    ).toMatchObject({
      selfMs: 90,
    });
  });

  it('sees through a send to the job, and doubts whether it was waited for', () => {
    const entity = { system: 'bullmq', queue: 'mail', name: 'send', id: '1' };
    const send = oneEvent('S', 'job:queued', 5, { parent: 'R' }, { entity });
    expect(
      selfTime({ R: { ms: 100 }, J: { parent: 'S', at: 20, ms: 30, job: '1', attempt: 1 } }, send),
    ).toEqual({
      selfMs: 70,
      belowMs: 30,
      confidence: { level: 'medium', reasons: ['whether it waited for what it sent is not known'] },
    });
  });

  it('counts children within the span only', () => {
    const { selfMs, confidence } = selfTime({
      R: { at: 10, ms: 20 },
      A: { parent: 'R', at: 0, ms: 15 },
      B: { parent: 'R', at: 25, ms: 100 },
    });
    expect(selfMs).toBe(10);
    expect(confidence).toEqual({
      level: 'low',
      reasons: ['clocks disagree', 'work below ran past the end of the span'],
    });
  });

  it('is all gone below a child that never ended', () => {
    const { selfMs, confidence } = selfTime({ R: { ms: 50 }, A: { parent: 'R', at: 20, end: undefined } });
    expect([selfMs, confidence.reasons]).toEqual([20, ['work below has not ended']]);
  });

  it('is 0 while the span is open, and for a span that nobody knows', () => {
    expect(selfTime({ R: { end: undefined } })).toMatchObject({
      selfMs: 0,
      confidence: { reasons: ['it has not ended'] },
    });
    expect(selfTime({})).toMatchObject({ selfMs: 0, belowMs: 0 });
  });
});
