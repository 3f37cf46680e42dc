/**
 * R9: order does not matter: any permutation gives the same answers, and clocks that are up to an hour apart change none of
 * what is concluded; what is odd is told in the diagnostics, and what is missing is never invented.
 */
import { formatTimestamp, MemoryTraceStore, parseTimestamp, type TraceEvent } from '@throughline/core/events';
import { createTraceGraph } from '@throughline/core/trace-graph';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphAnswers } from './support/graph-answers.ts';
import { skews, workflows } from './support/workflow.ts';

/** What is concluded, whatever the clocks say. */
function conclusions(events: readonly TraceEvent[]): unknown {
  const graph = createTraceGraph(events);
  const { outcome, causes, recovered, interrupted } = graph.explainFailure();
  const sorted = (ids: readonly string[]): string[] => [...ids].sort();
  return {
    outcome,
    causes: sorted(causes.flatMap(({ spans }) => spans.map(({ spanId }) => spanId))),
    recovered: sorted(recovered.map(({ by }) => by.spanId)),
    interrupted: interrupted.length,
    tree: sorted(
      graph.spans.map((span) =>
        graph
          .path(span)
          .map(({ spanId }) => spanId)
          .join('/'),
      ),
    ),
    states: sorted(graph.spans.map(({ spanId, state }) => `${spanId} ${state}`)),
    attempts: sorted(graph.retries().map((work) => work.attempts.map(({ spanId }) => spanId).join(','))),
    open: sorted(graph.openSpans().map(({ span }) => span.spanId)),
  };
}

function skewed(events: readonly TraceEvent[], skew: readonly number[]): TraceEvent[] {
  return events.map((event) => {
    const shift = skew[Number(event.source?.[1])] ?? 0;
    return { ...event, timestamp: formatTimestamp(parseTimestamp(event.timestamp) + shift) };
  });
}

describe('the events of a workflow', () => {
  it('tell the same in any order', () => {
    const shuffles = workflows.chain((stream) =>
      fc.tuple(fc.constant(stream), fc.shuffledSubarray(stream, { minLength: stream.length })),
    );
    fc.assert(
      fc.property(shuffles, ([stream, shuffle]) => {
        expect(graphAnswers(shuffle)).toEqual(graphAnswers(stream));
      }),
      { numRuns: 100 },
    );
  });

  it('tell the same when they were stored in any order', async () => {
    const shuffles = workflows.chain((stream) =>
      fc.tuple(fc.constant(stream), fc.shuffledSubarray(stream, { minLength: stream.length })),
    );
    await fc.assert(
      fc.asyncProperty(shuffles, async ([stream, shuffle]) => {
        const store = new MemoryTraceStore();
        for (const event of shuffle) await store.append([event]);
        expect(graphAnswers(await store.getTrace('T1'))).toEqual(graphAnswers(stream));
      }),
      { numRuns: 100 },
    );
  });

  it('lead to the same conclusions with every clock up to an hour off', () => {
    fc.assert(
      fc.property(workflows, skews, (stream, skew) => {
        expect(conclusions(skewed(stream, skew))).toEqual(conclusions(stream));
      }),
      { numRuns: 300 },
    );
  });

  it('never make work look done whose end is missing', () => {
    const losses = workflows.chain((stream) => fc.tuple(fc.constant(stream), fc.subarray(stream)));
    fc.assert(
      fc.property(losses, ([stream, rest]) => {
        const whole = new Map(createTraceGraph(stream).spans.map((span) => [span.spanId, span.state]));
        const ends = new Set(
          rest.filter((event) => !event.event_type.endsWith(':started')).map((e) => e.span_id),
        );
        for (const { spanId, state, form } of createTraceGraph(rest).spans) {
          if (form === 'missing') continue;
          if (ends.has(spanId)) expect(state).toBe(whole.get(spanId));
          else expect(['open', 'interrupted']).toContain(state);
        }
      }),
      { numRuns: 300 },
    );
  });
});
