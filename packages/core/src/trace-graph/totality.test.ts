import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { anyEvent, anyEvents } from '../../test/support/any-events.ts';
import { formatTimestamp, parseTimestamp } from '../events/timestamp.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import { loanSagaStory } from '../testing/loan-saga-story.ts';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph, type TraceGraph } from './trace-graph.ts';

// A machine may be busy: what is slow there is not wrong.
vi.setConfig({ testTimeout: 300_000 });

/** Everything a graph says, as plain data; ids stand for spans. */
function answers(graph: TraceGraph): unknown {
  const why = graph.explainFailure();
  return JSON.parse(
    JSON.stringify({
      tree: graph.toText(),
      text: why.toText(),
      why: { ...JSON.parse(JSON.stringify(why)), diagnostics: undefined },
      spans: graph.spans,
      events: graph.events,
      retries: graph.retries(),
      open: graph.openSpans(),
      times: graph.spans.map((span) => [graph.timing(span), graph.selfTime(span)]),
      path: graph.criticalPath(),
      drawing: graph.toMermaid(),
    }),
  );
}

function sortedTexts(list: readonly TraceEvent[]): string[] {
  return list.map((item) => JSON.stringify(item)).sort();
}

describe('any multiset of events', () => {
  it('gives the same answers in any order', () => {
    const shuffled = anyEvents.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, shuffle]) => {
        const graph = createTraceGraph(list);
        const other = createTraceGraph(shuffle);
        expect(answers(other)).toEqual(answers(graph));
        expect(other.diagnostics()).toEqual(graph.diagnostics());
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same answers when it arrives again', () => {
    fc.assert(
      fc.property(anyEvents, fc.integer({ min: 2, max: 4 }), (list, times) => {
        const again = Array.from(
          { length: times },
          () => JSON.parse(JSON.stringify(list)) as TraceEvent[],
        ).flat();
        expect(answers(createTraceGraph(again))).toEqual(answers(createTraceGraph(list)));
      }),
      { numRuns: 200 },
    );
  });

  it('has every event once, in the spans and in the tree', () => {
    fc.assert(
      fc.property(anyEvents, (list) => {
        const graph = createTraceGraph(list);
        const distinct = [...new Set(sortedTexts(list))].sort();
        expect(sortedTexts(graph.events)).toEqual(distinct);
        expect(sortedTexts(graph.spans.flatMap((span) => span.events))).toEqual(distinct);
        const reached = graph.roots().flatMap((root) => [root, ...graph.descendants(root)]);
        expect(new Set(reached).size).toBe(graph.spans.length);
        expect(reached).toHaveLength(graph.spans.length);
      }),
      { numRuns: 300 },
    );
  });

  it('explains every failed span, as a cause or as ruled out, and never both', () => {
    fc.assert(
      fc.property(anyEvents, (list) => {
        const graph = createTraceGraph(list);
        const { causes, ruledOut } = graph.explainFailure();
        const named = [...causes.flatMap(({ spans }) => spans), ...ruledOut.map(({ span }) => span)];
        const failed = graph.select(({ state }) => state === 'failed' || state === 'retrying');
        expect(new Set(named)).toEqual(new Set(failed));
        expect(named).toHaveLength(failed.length);
      }),
      { numRuns: 300 },
    );
  });

  it('has a cause exactly when the outcome is failed', () => {
    fc.assert(
      fc.property(anyEvents, (list) => {
        const { outcome, causes } = createTraceGraph(list).explainFailure();
        expect(causes.length > 0).toBe(outcome === 'failed');
      }),
      { numRuns: 300 },
    );
  });

  it('has four times that sum to the whole, none negative', () => {
    fc.assert(
      fc.property(anyEvents, (list) => {
        const graph = createTraceGraph(list);
        for (const span of graph.spans) {
          const { delayMs, waitMs, backoffMs, runMs, totalMs } = graph.timing(span);
          expect(Math.min(delayMs, waitMs, backoffMs, runMs)).toBeGreaterThanOrEqual(0);
          expect(delayMs + waitMs + backoffMs + runMs).toBe(totalMs);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('has a critical path without a gap, within the interval of the trace', () => {
    fc.assert(
      fc.property(anyEvents, (list) => {
        const graph = createTraceGraph(list);
        const { segments, durationMs } = graph.criticalPath();
        const instants = graph.events
          .map(({ timestamp }) => parseTimestamp(timestamp))
          .filter(Number.isFinite);
        for (const [i, { startTime, endTime }] of segments.entries()) {
          expect(endTime).toBeGreaterThan(startTime);
          expect(startTime).toBe(i === 0 ? startTime : segments[i - 1]?.endTime);
        }
        if (segments.length === 0) return;
        const [first, last] = [segments[0]?.startTime ?? 0, segments.at(-1)?.endTime ?? 0];
        expect(first).toBeGreaterThanOrEqual(Math.min(...instants));
        expect(last).toBeLessThanOrEqual(Math.max(...instants));
        expect(durationMs).toBe(last - first);
      }),
      { numRuns: 500 },
    );
  });

  it('has spans whose self time is part of their duration', () => {
    fc.assert(
      fc.property(anyEvents, (list) => {
        const graph = createTraceGraph(list);
        for (const span of graph.spans) {
          const { selfMs, belowMs } = graph.selfTime(span);
          expect(Math.min(selfMs, belowMs)).toBeGreaterThanOrEqual(0);
          expect(selfMs + belowMs).toBeLessThanOrEqual(span.durationMs ?? 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is no different from itself, and what it has more than another the other has less', () => {
    fc.assert(
      fc.property(anyEvents, anyEvents, (list, others) => {
        const graph = createTraceGraph(list);
        const other = createTraceGraph(others);
        expect(graph.compare(createTraceGraph([...list].reverse()))).toMatchObject({
          firstDivergence: undefined,
          added: [],
          removed: [],
          statusChanged: [],
          durationChanged: [],
        });
        expect(new Set(graph.compare(other).added)).toEqual(new Set(other.compare(graph).removed));
        expect(graph.compare(other).statusChanged).toHaveLength(other.compare(graph).statusChanged.length);
      }),
      { numRuns: 200 },
    );
  });

  it('is answered whatever the clocks of its processes say', () => {
    const hour = 3_600_000;
    const shift = fc.integer({ min: -hour, max: hour });
    fc.assert(
      fc.property(anyEvents, shift, shift, (list, p, q) => {
        const skewed = list.map((one) => {
          const instant =
            parseTimestamp(one.timestamp) + (one.source === 'p' ? p : one.source === 'q' ? q : 0);
          return Number.isNaN(instant) ? one : { ...one, timestamp: formatTimestamp(instant) };
        });
        const graph = createTraceGraph(skewed);
        expect(answers(createTraceGraph([...skewed].reverse()))).toEqual(answers(graph));
        expect(graph.events).toHaveLength(createTraceGraph(list).events.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe('anything at all', () => {
  it('makes a graph', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.anything(), anyEvent)), (list) => {
        const graph = createTraceGraph(list as TraceEvent[]);
        expect(typeof graph.toText() + typeof graph.explainFailure().toText()).toBe('stringstring');
      }),
      { numRuns: 300 },
    );
  });
});

describe('the loan saga under faults', () => {
  const wanted = createTraceGraph(loanSagaStory());
  const facts = (graph: TraceGraph): unknown => [
    graph.explainFailure().outcome,
    graph.failure()?.spanId,
    graph
      .compensations()
      .map(({ step, status }) => [step.spanId, status])
      .sort(),
    graph.explainFailure().recovered.map(({ by }) => by.spanId),
  ];

  it('tells the same story with each process up to an hour off', () => {
    const hour = 3_600_000;
    const shifts = fc.record({
      api: fc.integer({ min: -hour, max: hour }),
      saga: fc.integer({ min: -hour, max: hour }),
      validate: fc.integer({ min: -hour, max: hour }),
      credit: fc.integer({ min: -hour, max: hour }),
      funding: fc.integer({ min: -hour, max: hour }),
    });
    fc.assert(
      fc.property(shifts, (shift) => {
        const skewed = loanSagaStory().map((one) => {
          const process = (one.source ?? '').split(':')[0] as keyof typeof shift;
          return { ...one, timestamp: formatTimestamp(parseTimestamp(one.timestamp) + shift[process]) };
        });
        expect(facts(createTraceGraph(skewed))).toEqual(facts(wanted));
      }),
      { numRuns: 100 },
    );
  });

  it('survives the loss of any events', () => {
    fc.assert(
      fc.property(fc.subarray(loanSagaStory()), (some) => {
        const graph = createTraceGraph(some);
        expect(graph.events).toHaveLength(some.length);
        expect(graph.explainFailure().toText()).not.toBe('');
      }),
      { numRuns: 200 },
    );
  });
});

describe('extreme shapes', () => {
  const chain = (depth: number): TraceEvent[] =>
    Array.from({ length: depth }, (_, i) => {
      const type = i === depth - 1 ? 'job:failed' : 'job:started';
      return oneEvent(String(i), type, 0, i === 0 ? {} : { parent: String(i - 1) });
    });

  it('a chain of a million spans, failed at its end', () => {
    const depth = 1_000_000;
    const graph = createTraceGraph(chain(depth));
    expect(graph.path(String(depth - 1))).toHaveLength(depth);
    expect(graph.explainFailure().causes[0]?.chain).toHaveLength(depth);
    expect(graph.descendants('0')).toHaveLength(depth - 1);
    expect(graph.toText().split('\n')).toHaveLength(1001);
  });

  it('a chain of a million spans, asked where its time went and what is different', () => {
    const depth = 1_000_000;
    const graph = createTraceGraph(
      Array.from({ length: depth }, (_, i) =>
        oneEvent(String(i), 'call:started', i, i === 0 ? {} : { parent: String(i - 1) }),
      ),
    );
    expect(graph.criticalPath().segments).toHaveLength(depth - 1);
    expect(graph.compare(graph).durationChanged).toEqual([]);
    expect(graph.toMermaid().length).toBeLessThan(50_000);
  });

  it('a star of a hundred thousand calls, asked where its time went', () => {
    const star = Array.from({ length: 100_000 }, (_, i) =>
      spanEvents(`S${i}`, { parent: 'R', at: i, ms: 1 }),
    ).flat();
    const graph = createTraceGraph([...spanEvents('R', { ms: 200_000 }), ...star]);
    expect(graph.selfTime('R')).toMatchObject({ selfMs: 100_000, belowMs: 100_000 });
    expect(graph.criticalPath().spans).toHaveLength(100_001);
    expect(graph.compare(graph).statusChanged).toEqual([]);
  });

  it('a long chain that arrives child before parent', () => {
    const graph = createTraceGraph(chain(100_000).reverse());
    expect(graph.explainFailure().causes[0]?.chain).toHaveLength(100_000);
    expect(graph.diagnostics()).toEqual([]);
  });

  it('a long cycle', () => {
    const size = 100_000;
    const ring = Array.from({ length: size }, (_, i) =>
      oneEvent(String(i), 'job:failed', 0, { parent: String((i + 1) % size) }),
    );
    const graph = createTraceGraph(ring);
    expect(graph.roots()).toHaveLength(1);
    expect(graph.explainFailure().causes).toHaveLength(1);
  });

  it('a star of a hundred thousand failures', () => {
    const star = Array.from({ length: 100_000 }, (_, i) =>
      spanEvents(`S${i}`, { parent: 'R', end: 'failed', error: `e${i}` }),
    ).flat();
    const graph = createTraceGraph([...spanEvents('R', { ms: 100 }), ...star]);
    expect(graph.explainFailure().ruledOut.length + graph.explainFailure().causes.length).toBe(100_000);
    expect(graph.children('R')).toHaveLength(100_000);
  });

  it('a comb: a long spine with a failure at every joint', () => {
    const size = 100_000;
    const comb = Array.from({ length: size }, (_, i) => [
      oneEvent(`R${i}`, 'call:started', i, i === 0 ? {} : { parent: `R${i - 1}` }),
      oneEvent(
        `L${i}`,
        'call:failed',
        i,
        { parent: `R${i}` },
        { error: { type: 'Error', message: String(i) } },
      ),
    ]).flat();
    const { causes } = createTraceGraph(comb).explainFailure();
    expect(causes).toHaveLength(size);
    expect(causes[0]?.span.spanId).toBe(`L${size - 1}`);
  });

  it('many events of one span, each twice and one id for all', () => {
    const crowd = Array.from({ length: 20_000 }, (_, i) => ({
      ...oneEvent('A', 'job:progress', 0, {}, { i }),
      event_id: 'same',
    }));
    const graph = createTraceGraph([...crowd, ...crowd]);
    expect(graph.span('A')?.events).toHaveLength(20_000);
  });

  it('a hundred thousand attempts at one job, and as many traces that continue each other', () => {
    const size = 100_000;
    const attempts = Array.from({ length: size }, (_, i) =>
      spanEvents(`A${i}`, { job: '1', attempt: i + 1, at: i, end: 'retrying', error: 'x' }),
    ).flat();
    expect(createTraceGraph(attempts).explainFailure().outcome).toBe('open');
    const traces = Array.from({ length: size }, (_, i) => {
      const links = [{ trace_id: `T${i - 1}`, span_id: 'A', relation: 'continues' as const }];
      return oneEvent('A', 'job:failed', i, { trace: `T${i}` }, { links });
    });
    const { causes } = createTraceGraph(traces, { traceId: 'T0' }).explainFailure();
    expect([causes.length, causes[0]?.span.traceId]).toEqual([size, 'T0']);
  });
});
