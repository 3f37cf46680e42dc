import { describe, expect, it } from 'vitest';
import { loanSagaStory } from '../testing/loan-saga-story.ts';
import { oneEvent, type SpanPlan, spanEvents } from './build-events.ts';
import { createTraceGraph, type TraceGraph } from './trace-graph.ts';

const begin = Date.UTC(2026, 0, 31, 12);
const graphOf = (
  plans: Readonly<Record<string, SpanPlan>>,
  ...more: ReturnType<typeof oneEvent>[]
): TraceGraph =>
  createTraceGraph([...Object.entries(plans).flatMap(([id, plan]) => spanEvents(id, plan)), ...more]);

/** `A 0-10` for a run, `A ~10-20` for a wait. */
const segments = (graph: TraceGraph): string[] =>
  graph
    .criticalPath()
    .segments.map(
      ({ span, kind, startTime, endTime }) =>
        `${span.spanId} ${kind === 'wait' ? '~' : ''}${startTime - begin}-${endTime - begin}`,
    );
const sent = (id: string, at: number, parent: string, job: string): ReturnType<typeof oneEvent> =>
  oneEvent(
    id,
    'job:queued',
    at,
    { parent },
    { entity: { system: 'bullmq', queue: 'mail', name: 'send', id: job } },
  );

describe('the critical path', () => {
  it('goes back from the end over the child that finished last each time', () => {
    const graph = graphOf({
      R: { ms: 100 },
      A: { parent: 'R', at: 10, ms: 20 },
      B: { parent: 'R', at: 40, ms: 50 },
      C: { parent: 'B', at: 50, ms: 10 },
    });
    expect(segments(graph)).toEqual([
      'R 0-10',
      'A 10-30',
      'R 30-40',
      'B 40-50',
      'C 50-60',
      'B 60-90',
      'R 90-100',
    ]);
    expect(graph.criticalPath().confidence).toEqual({ level: 'high', reasons: [] });
  });

  it('leaves out what ran side by side and was done earlier', () => {
    const graph = graphOf({
      R: { ms: 100 },
      A: { parent: 'R', at: 10, ms: 70 },
      B: { parent: 'R', at: 20, ms: 70 },
    });
    expect(segments(graph)).toEqual(['R 0-20', 'B 20-90', 'R 90-100']);
  });

  it('takes the first in tree order of two that finish together', () => {
    const graph = graphOf({
      R: { ms: 50 },
      B: { parent: 'R', at: 10, ms: 40 },
      A: { parent: 'R', at: 10, ms: 40 },
    });
    expect(segments(graph)).toEqual(['R 0-10', 'A 10-50']);
  });

  it('tells the wait of a job that the end depends on, and its earlier attempts', () => {
    const graph = graphOf(
      {
        R: { ms: 100 },
        A: { parent: 'S', at: 20, job: '1', attempt: 1, end: 'retrying' },
        B: { parent: 'S', at: 60, job: '1', attempt: 2 },
      },
      sent('S', 5, 'R', '1'),
    );
    expect(segments(graph)).toEqual(['R 0-5', 'A ~5-20', 'A 20-30', 'B ~30-60', 'B 60-70', 'R 70-100']);
  });

  it('follows a job that outlived its sender when the trace ends with it', () => {
    const graph = graphOf(
      { R: { ms: 10 }, A: { parent: 'S', at: 50, job: '1', attempt: 1 } },
      sent('S', 5, 'R', '1'),
    );
    expect(segments(graph)).toEqual(['R 0-5', 'A ~5-50', 'A 50-60']);
  });

  it('leaves out a job that outlived its sender while the trace went on', () => {
    const graph = graphOf(
      {
        R: { ms: 100 },
        C: { parent: 'R', at: 10, ms: 10 },
        A: { parent: 'S', at: 18, ms: 40, job: '1', attempt: 1 },
      },
      sent('S', 12, 'C', '1'),
    );
    expect(segments(graph)).toEqual(['R 0-10', 'C 10-20', 'R 20-100']);
  });

  it('cuts a call that seems to run past its parent, and says so', () => {
    const graph = graphOf({
      R: { ms: 100 },
      A: { parent: 'R', at: 10, ms: 40 },
      B: { parent: 'A', at: 30, ms: 40 },
    });
    expect(segments(graph)).toEqual(['R 0-10', 'A 10-30', 'B 30-50', 'R 50-100']);
    expect(graph.criticalPath().confidence).toEqual({
      level: 'medium',
      reasons: ['work that ran past the end of its parent is cut there'],
    });
  });

  it('crosses links between traces', () => {
    const links = [{ trace_id: 'T1', span_id: 'R', relation: 'produced_by' as const }];
    const graph = graphOf({ R: { ms: 10 }, J: { trace: 'T2', at: 30, data: { links } } });
    expect(segments(graph)).toEqual(['R 0-10', 'J ~10-30', 'J 30-40']);
  });

  it('of an open trace leads to what was seen last', () => {
    const graph = graphOf({
      R: { end: undefined },
      A: { parent: 'R', at: 10, ms: 20 },
      B: { parent: 'R', at: 60, end: undefined },
    });
    expect(segments(graph)).toEqual(['R 0-10', 'A 10-30', 'R 30-60']);
    expect(graph.criticalPath().confidence.reasons).toEqual(['the trace has not ended']);
  });

  it('counts the time that was lost with a worker as wait of the attempt after it', () => {
    const graph = graphOf({
      A: { job: '1', attempt: 1, end: undefined },
      B: { at: 80, job: '1', attempt: 2 },
    });
    expect(segments(graph)).toEqual(['B ~0-80', 'B 80-90']);
  });

  it('survives clocks that disagree', () => {
    const graph = graphOf({ R: { at: 1000, ms: 100 }, A: { parent: 'R', at: 10, ms: 20 } });
    expect(segments(graph)).toEqual(['R 1000-1100']);
    const late = graphOf({ R: { at: 0, ms: 100 }, A: { parent: 'R', at: 1000, ms: 20 } });
    expect(segments(late)).toEqual(['R 0-100', 'A ~100-1000', 'A 1000-1020']);
  });

  it('is empty when nothing ran', () => {
    expect(createTraceGraph([]).criticalPath()).toMatchObject({ segments: [], spans: [], durationMs: 0 });
    const undated = spanEvents('A').map((event) => ({ ...event, timestamp: 'never' }));
    expect(createTraceGraph(undated).criticalPath().segments).toEqual([]);
  });

  it('is not sure of itself when ends arrived without their starts', () => {
    const end = spanEvents('A').slice(1);
    expect(createTraceGraph(end).criticalPath().confidence.reasons).toEqual(['times are missing']);
  });

  it('is not sure of itself while work waits for another start', () => {
    const retrying = spanEvents('A', { job: '1', attempt: 1, end: 'retrying' });
    expect(createTraceGraph(retrying).criticalPath().confidence.reasons).toEqual(['the trace has not ended']);
  });

  it('of the loan saga covers the whole of it, waits and backoff included', () => {
    const { segments: path, durationMs, confidence } = createTraceGraph(loanSagaStory()).criticalPath();
    expect(path.reduce((sum, segment) => sum + segment.durationMs, 0)).toBeCloseTo(durationMs);
    expect(durationMs).toBe(181);
    expect(
      path.filter(({ kind }) => kind === 'wait').map(({ span, durationMs: ms }) => `${span.name} ${ms}`),
    ).toEqual([
      'process loan 4',
      'process validate 2',
      'process credit 3',
      'process credit 103',
      'process funding 3',
    ]);
    expect(confidence.level).toBe('high');
  });
});
