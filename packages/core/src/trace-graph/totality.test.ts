import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimestamp, parseTimestamp } from '../events/timestamp.ts';
import type { TraceEvent, TraceEventData } from '../events/trace-event.ts';
import { loanSagaStory } from '../testing/loan-saga-story.ts';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph, type TraceGraph } from './trace-graph.ts';

const traceId = fc.constantFrom('T1', 'T2');
const spanId = fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F');
const phase = fc.constantFrom(
  ...[
    'queued',
    'started',
    'progress',
    'suspended',
    'retrying',
    'completed',
    'failed',
    'canceled',
    'stalled',
    'note',
  ],
);
const subject = fc.constantFrom('job', 'stage:credit', 'call', '');
const timestamp = fc.constantFrom(
  '2026-01-31T12:00:00.000000Z',
  '2026-01-31T12:00:00.000500Z',
  '2026-01-31T12:00:01Z',
  '2026-01-31T13:00:01+01:00',
  '1999-12-31T23:59:59Z',
  'never',
);
const link = fc.record(
  {
    trace_id: traceId,
    span_id: spanId,
    relation: fc.constantFrom('retry_of', 'waits_for', 'compensates', 'batch'),
  },
  { requiredKeys: ['trace_id', 'span_id'] },
);
const data = fc.record(
  {
    name: fc.constantFrom('one', 'two'),
    entity: fc.record({
      system: fc.constant('s'),
      queue: fc.constantFrom('q', undefined),
      id: fc.constantFrom('1', '2'),
    }),
    attempt: fc.integer({ min: 1, max: 3 }),
    max_attempts: fc.constant(3),
    error: fc.record({ type: fc.constant('Error'), message: fc.constantFrom('x', 'y') }),
    original_span_id: spanId,
    compensation: fc.constant('none'),
    step: fc.boolean(),
    links: fc.array(link, { maxLength: 2 }),
    outcome: fc.constantFrom('delayed', 'ok'),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<TraceEventData>;
const anyData = fc.oneof(
  { weight: 4, arbitrary: data },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.constantFrom('entity', 'links', 'error', 'attributes', 'name', 'attempt'),
      fc.anything(),
    ),
  },
) as fc.Arbitrary<TraceEventData>;

const event: fc.Arbitrary<TraceEvent> = fc
  .record(
    {
      trace_id: traceId,
      span_id: spanId,
      parent_span_id: fc.constantFrom('A', 'B', 'C', 'D', 'X', ''),
      event_type: fc.tuple(subject, phase).map(([a, b]) => `${a}:${b}`),
      timestamp,
      status: fc.constantFrom('success', 'failed', 'pending'),
      data: anyData,
      event_id: fc.constantFrom('1', '2', '3'),
      source: fc.constantFrom('p', 'q'),
      seq: fc.integer({ min: 0, max: 3 }),
    },
    { requiredKeys: ['trace_id', 'span_id', 'event_type', 'timestamp'] },
  )
  .map(
    (draft) =>
      JSON.parse(
        JSON.stringify(draft, (_key, value) => (typeof value === 'bigint' ? '0' : value)),
      ) as TraceEvent,
  );

const events = fc.array(event, { maxLength: 30 });

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
      times: graph.spans.map((span) => graph.timing(span)),
    }),
  );
}

function sortedTexts(list: readonly TraceEvent[]): string[] {
  return list.map((item) => JSON.stringify(item)).sort();
}

describe('any multiset of events', () => {
  it('gives the same answers in any order', () => {
    const shuffled = events.chain((list) =>
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
      fc.property(events, fc.integer({ min: 2, max: 4 }), (list, times) => {
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
      fc.property(events, (list) => {
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
      fc.property(events, (list) => {
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
      fc.property(events, (list) => {
        const { outcome, causes } = createTraceGraph(list).explainFailure();
        expect(causes.length > 0).toBe(outcome === 'failed');
      }),
      { numRuns: 300 },
    );
  });

  it('has four times that sum to the whole, none negative', () => {
    fc.assert(
      fc.property(events, (list) => {
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
});

describe('anything at all', () => {
  it('makes a graph', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.anything(), event)), (list) => {
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
  }, 120_000);

  it('a long chain that arrives child before parent', () => {
    const graph = createTraceGraph(chain(100_000).reverse());
    expect(graph.explainFailure().causes[0]?.chain).toHaveLength(100_000);
    expect(graph.diagnostics()).toEqual([]);
  }, 120_000);

  it('a long cycle', () => {
    const size = 100_000;
    const ring = Array.from({ length: size }, (_, i) =>
      oneEvent(String(i), 'job:failed', 0, { parent: String((i + 1) % size) }),
    );
    const graph = createTraceGraph(ring);
    expect(graph.roots()).toHaveLength(1);
    expect(graph.explainFailure().causes).toHaveLength(1);
  }, 120_000);

  it('a star of a hundred thousand failures', () => {
    const star = Array.from({ length: 100_000 }, (_, i) =>
      spanEvents(`S${i}`, { parent: 'R', end: 'failed', error: `e${i}` }),
    ).flat();
    const graph = createTraceGraph([...spanEvents('R', { ms: 100 }), ...star]);
    expect(graph.explainFailure().ruledOut.length + graph.explainFailure().causes.length).toBe(100_000);
    expect(graph.children('R')).toHaveLength(100_000);
  }, 120_000);

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
  }, 120_000);

  it('many events of one span, each twice and one id for all', () => {
    const crowd = Array.from({ length: 20_000 }, (_, i) => ({
      ...oneEvent('A', 'job:progress', 0, {}, { i }),
      event_id: 'same',
    }));
    const graph = createTraceGraph([...crowd, ...crowd]);
    expect(graph.span('A')?.events).toHaveLength(20_000);
  }, 120_000);

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
    expect(createTraceGraph(traces, { traceId: 'T0' }).explainFailure().causes).toHaveLength(1);
  }, 120_000);
});
