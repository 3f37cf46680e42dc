/**
 * R15: graph queries are total: every question that a graph can be asked has an answer for cycles, deep chains and wide
 * stars, without a hang or an overflow.
 *
 * The questions are found on the graph itself, so a new one is asked too. Here the shapes are large enough to overflow what
 * recurses; in `pnpm release:check` they have a million and a hundred thousand spans, as they always have for the main
 * questions in `packages/core/src/trace-graph/totality.test.ts`.
 */
import type { TraceEvent } from '@throughline/core/events';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { describe, expect, it } from 'vitest';
import { event } from './support/build-event.ts';

const failed = { error: { type: 'Error', message: 'at the end' } };

function chain(length: number): TraceEvent[] {
  return Array.from({ length }, (_, n) => ({
    ...event({ span_id: String(n), event_type: n === length - 1 ? 'job:failed' : 'job:started' }),
    ...(n === 0 ? {} : { parent_span_id: String(n - 1) }),
    ...(n === length - 1 ? { data: failed } : {}),
  }));
}

const isFull = process.env.THROUGHLINE_EXTREMES === 'full';
const depth = isFull ? 1_000_000 : 15_000;
const width = isFull ? 100_000 : 2_000;
const shapes: Readonly<Record<string, () => TraceEvent[]>> = {
  'no event': () => [],
  'a deep chain': () => chain(depth),
  'a chain that arrives backwards': () => chain(width).reverse(),
  'a long cycle': () =>
    Array.from({ length: width }, (_, n) =>
      event({ span_id: String(n), parent_span_id: String((n + 1) % width), event_type: 'job:failed' }),
    ),
  'many that are their own parents': () =>
    Array.from({ length: width }, (_, n) => event({ span_id: String(n), parent_span_id: String(n) })),
  'a wide star': () =>
    Array.from({ length: width }, (_, n) =>
      event({ span_id: String(n), parent_span_id: 'R', event_type: 'job:failed', data: failed }),
    ),
  'many events of one span': () =>
    Array.from({ length: width }, (_, n) => event({ span_id: '0', event_id: `E${n}`, data: { n } })),
  'many attempts at one job': () =>
    Array.from({ length: width }, (_, n) =>
      event({
        span_id: String(n),
        event_type: 'job:retrying',
        status: 'failed',
        data: { entity: { system: 's', id: '1' }, attempt: n + 1, ...failed },
      }),
    ),
  'many links in a circle': () =>
    Array.from({ length: width }, (_, n) =>
      event({ span_id: String(n), data: { links: [{ trace_id: 'T1', span_id: String((n + 1) % width) }] } }),
    ),
};

/** Values for the arguments of questions, by what they are called with. */
const spanIds = ['0', String(width - 1), 'R', 'unknown'];
const asked: Readonly<Record<string, (graph: TraceGraph) => unknown>> = {
  findByType: (graph) => graph.findByType('job:failed'),
  findByStatus: (graph) => graph.findByStatus('failed'),
  select: (graph) => graph.select(() => true),
  attempts: (graph) => graph.attempts({ system: 's', id: '1' }),
  compare: (graph) => graph.compare(graph),
};

/** The names of all questions. */
function questionsOf(graph: TraceGraph): string[] {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(graph));
  return names.filter((name) => name !== 'constructor');
}

/** Asks one question in every way. */
function ask(graph: TraceGraph, name: string): void {
  const own = asked[name];
  if (own !== undefined) {
    own(graph);
    return;
  }
  const question: unknown = graph[name as keyof TraceGraph];
  if (typeof question !== 'function') return;
  const ways = question.length === 0 ? [[]] : spanIds.map((spanId) => [spanId]);
  for (const args of ways) Reflect.apply(question, graph, args);
}

describe.each(Object.entries(shapes))('%s', (_, shape) => {
  it('answers every question', () => {
    const graph = createTraceGraph(shape());
    const names = questionsOf(graph);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(() => ask(graph, name), name).not.toThrow();
    expect(typeof graph.explainFailure().toText()).toBe('string');
  }, 600_000);
});
