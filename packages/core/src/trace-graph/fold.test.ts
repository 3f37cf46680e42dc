import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../events/trace-event.ts';
import { oneEvent } from './build-events.ts';
import { createTraceGraph, type TraceGraph } from './trace-graph.ts';
import type { TraceSpan } from './trace-span.ts';

/** A span as the test knows it: which span of its trace is above it, and how many events it has. */
interface Planned {
  readonly trace: string;
  readonly id: string;
  readonly parent: string | undefined;
  readonly events: number;
}

/** Forests in which span `i` hangs below any earlier one, or below one that never arrives; ids repeat from trace to trace. */
const forest: fc.Arbitrary<readonly Planned[]> = fc
  .array(
    fc.record({
      trace: fc.constantFrom('T1', 'T2'),
      above: fc.nat(),
      events: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drafts) => {
    const ids = new Map<string, string[]>();
    return drafts.map(({ trace, above, events }) => {
      const known = ids.get(trace) ?? [];
      const candidates = [undefined, `lost ${above % 2}`, ...known];
      const id = `S${known.length}`;
      ids.set(trace, [...known, id]);
      return { trace, id, parent: candidates[above % candidates.length], events };
    });
  });

function eventsOf({ trace, id, parent, events }: Planned): TraceEvent[] {
  const plan = { trace, ...(parent === undefined ? {} : { parent }) };
  return Array.from({ length: events }, (_, i) => oneEvent(id, 'call:progress', i, plan, { i }));
}

function spanOf(graph: TraceGraph, traceId: string, spanId: string): TraceSpan | undefined {
  return graph.spans.find((span) => span.traceId === traceId && span.spanId === spanId);
}

const anyOrder = forest.chain((plans) => {
  const events = plans.flatMap(eventsOf);
  return fc.tuple(fc.constant(plans), fc.shuffledSubarray(events, { minLength: events.length }));
});

describe('folding and linking', () => {
  it('gives each span its events, whatever arrives between them', () => {
    fc.assert(
      fc.property(anyOrder, ([plans, events]) => {
        const graph = createTraceGraph(events);
        for (const { trace, id, events: count } of plans) {
          const span = spanOf(graph, trace, id);
          expect(span?.events.map(({ data }) => data?.i)).toEqual(Array.from({ length: count }, (_, i) => i));
        }
        expect(graph.select(({ form }) => form !== 'missing')).toHaveLength(plans.length);
      }),
    );
  });

  it('hangs each span below the one it names, in its own trace, in any order of arrival', () => {
    fc.assert(
      fc.property(anyOrder, ([plans, events]) => {
        const graph = createTraceGraph(events);
        for (const { trace, id, parent } of plans) {
          const above = spanOf(graph, trace, id)?.parent;
          expect([above?.traceId, above?.spanId]).toEqual(
            parent === undefined ? [undefined, undefined] : [trace, parent],
          );
          expect(above?.form === 'missing').toBe(parent?.startsWith('lost') === true);
        }
      }),
    );
  });

  it('gives the same tree for parents that arrive first, last, or in between', () => {
    fc.assert(
      fc.property(forest, (plans) => {
        const inOrder = plans.flatMap(eventsOf);
        expect(createTraceGraph([...inOrder].reverse()).toText()).toBe(createTraceGraph(inOrder).toText());
      }),
    );
  });

  it('keeps graphs apart whose integers lie side by side', () => {
    fc.assert(
      fc.property(fc.array(forest, { minLength: 20, maxLength: 40 }), (forests) => {
        const texts = forests.map((plans) => createTraceGraph(plans.flatMap(eventsOf)).toText());
        const graphs = forests.map((plans) => createTraceGraph(plans.flatMap(eventsOf)));
        expect(graphs.map((graph) => graph.toText())).toEqual(texts);
      }),
      { numRuns: 20 },
    );
  });
});
