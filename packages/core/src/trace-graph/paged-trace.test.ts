import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { anyEvents } from '../../test/support/any-events.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import { loanSagaStory } from '../testing/loan-saga-story.ts';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph, createTraceGraphBuilder, type TraceGraph } from './trace-graph.ts';

// A machine may be busy: what is slow there is not wrong.
vi.setConfig({ testTimeout: 300_000 });

const told = (graph: TraceGraph): unknown => [
  graph.toText(),
  graph.explainFailure().toText(),
  graph.diagnostics(),
  JSON.stringify(graph.spans),
  JSON.stringify(graph.criticalPath()),
];

/** The same events in pages of any size, the pages in any order. */
const inPages = anyEvents.chain((events) =>
  fc.tuple(
    fc.constant(events),
    fc
      .array(fc.nat({ max: events.length }), { maxLength: 5 })
      .map((cuts) => {
        const ends = [...cuts, events.length].sort((a, b) => a - b);
        return ends.map((end, i) => events.slice(ends[i - 1] ?? 0, end));
      })
      .chain((pages) => fc.shuffledSubarray(pages, { minLength: pages.length })),
  ),
);

describe('a graph that is built page by page', () => {
  it('is the graph of all events at once, for any split and any order of pages', () => {
    fc.assert(
      fc.property(inPages, ([events, pages]) => {
        const builder = createTraceGraphBuilder();
        for (const page of pages) builder.add(page);
        expect(told(builder.graph())).toEqual(told(createTraceGraph(events)));
      }),
      { numRuns: 300 },
    );
  });

  it('may be asked for in between, and a graph stays as it was', () => {
    const story = loanSagaStory();
    const first = story.slice(0, 9);
    const builder = createTraceGraphBuilder().add(first);
    const early = builder.graph();
    expect(told(builder.graph())).toEqual(told(early));
    expect(told(builder.add(story.slice(9)).graph())).toEqual(told(createTraceGraph(story)));
    expect(told(early)).toEqual(told(createTraceGraph(first)));
    expect(first).toHaveLength(9);
  });

  it('takes what was collected, and is then about the trace that was asked for', () => {
    const collected = {
      events: spanEvents('A', { trace: 'T2' }),
      traceIds: ['T2'],
      cutOffs: [{ traceId: 'T3', reason: 'max_traces' as const }],
    };
    const graph = createTraceGraphBuilder()
      .add(spanEvents('A', { end: 'failed' }))
      .add(collected)
      .graph();
    expect(graph.explainFailure().outcome).toBe('success');
    expect(graph.diagnostics()).toMatchObject([{ kind: 'cut_off', traceId: 'T3' }]);
  });

  it('takes pages of iterables, empty ones and none', () => {
    expect(createTraceGraphBuilder().graph().spans).toEqual([]);
    const graph = createTraceGraphBuilder()
      .add([])
      .add(new Set(spanEvents('A')))
      .add([])
      .graph();
    expect(graph.spans).toHaveLength(1);
  });

  it('grows over thousands of pages', () => {
    const builder = createTraceGraphBuilder();
    const size = 5000;
    for (let i = size - 1; i >= 0; i--)
      builder.add(spanEvents(`S${i}`, { at: i, ...(i === 0 ? {} : { parent: `S${i - 1}` }) }));
    const graph = builder.graph();
    expect(graph.path(`S${size - 1}`)).toHaveLength(size);
    expect(graph.diagnostics()).toEqual([]);
  });
});

describe('a trace that goes on in another', () => {
  const mark = (trace: string, earlier: string): TraceEvent =>
    oneEvent(
      `M${trace}`,
      'throughline:continues',
      5,
      { trace },
      {
        links: [{ trace_id: earlier, span_id: `E${trace}`, relation: 'continues' }],
      },
    );
  const [start, end] = spanEvents('R', { ms: 100, end: 'failed', error: 'boom' }) as [TraceEvent, TraceEvent];
  const torn = [
    start,
    oneEvent('ET2', 'throughline:continued', 5, {}, { links: [{ trace_id: 'T2', span_id: 'MT2' }] }),
    mark('T2', 'T1'),
    ...spanEvents('C', { trace: 'T2', parent: 'R', at: 10 }),
    { ...end, trace_id: 'T2' },
  ];

  it('is one: spans keep their ends and their parents', () => {
    const graph = createTraceGraph(torn);
    expect(graph.span('R')).toMatchObject({ traceId: 'T1', state: 'failed', durationMs: 100 });
    expect(graph.path('C').map(({ spanId }) => spanId)).toEqual(['R', 'C']);
    expect(graph.diagnostics()).toEqual([]);
    expect(graph.explainFailure()).toMatchObject({ outcome: 'failed', open: [] });
  });

  it('is one in any order and split, whichever part was asked for', () => {
    const wanted = told(createTraceGraph(torn));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(torn, { minLength: torn.length }),
        fc.nat(torn.length),
        (events, cut) => {
          const builder = createTraceGraphBuilder().add(events.slice(0, cut)).add(events.slice(cut));
          expect(told(builder.graph())).toEqual(wanted);
        },
      ),
    );
    const collected = { events: torn, traceIds: ['T2', 'T1'], cutOffs: [] };
    expect(told(createTraceGraph(collected))).toEqual(wanted);
  });

  it('is one over several borders, also when two writers continue it', () => {
    const events = [
      start,
      mark('T3', 'T2'),
      mark('T2', 'T1'),
      mark('T9', 'T1'),
      { ...end, trace_id: 'T3' },
      ...spanEvents('C', { trace: 'T9', parent: 'R', at: 10 }),
    ];
    const graph = createTraceGraph(events);
    expect(graph.children('R').map(({ spanId, traceId }) => [spanId, traceId])).toEqual([['C', 'T1']]);
    expect(graph.span('R')?.state).toBe('failed');
  });

  it('is not joined with one of which nothing is here, nor by links of another kind', () => {
    expect(createTraceGraph(torn.slice(2)).span('C')).toMatchObject({ traceId: 'T2' });
    const links = [{ trace_id: 'T1', span_id: 'R', relation: 'continues' as const }];
    const beside = createTraceGraph([start, ...spanEvents('R', { trace: 'T2', at: 50, data: { links } })]);
    expect(beside.roots()).toHaveLength(2);
  });

  it('survives two that say they continue each other', () => {
    const graph = createTraceGraph([start, mark('T1', 'T2'), mark('T2', 'T1'), { ...end, trace_id: 'T2' }]);
    expect(graph.span('R')).toMatchObject({ traceId: 'T1', state: 'failed' });
  });
});
