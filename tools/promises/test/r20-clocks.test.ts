/**
 * R20: the wall clock gives the order, the monotonic clock the durations: whatever is done to the wall clock while work is
 * under way, no duration is negative, and the stored one is the true one.
 */
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { createEventTelemetry, type Telemetry } from '@throughline/core';
import { EventWriter, MemoryTraceStore, parseTimestamp } from '@throughline/core/events';
import { createTraceGraph } from '@throughline/core/trace-graph';
import { createOtelTelemetry } from '@throughline/otel';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { storedEvents } from './support/stored-events.ts';

const noon = Date.UTC(2026, 0, 31, 12);

/** What happens while a span is open: time passes, and somebody sets the clock of the machine. */
const courses = fc.array(
  fc.record({
    passes: fc.integer({ min: 0, max: 5_000 }),
    setBy: fc.oneof(fc.constant(0), fc.integer({ min: -86_400_000, max: 86_400_000 })),
  }),
  { minLength: 1, maxLength: 6 },
);

type Course = readonly { readonly passes: number; readonly setBy: number }[];

beforeEach(
  () => void vi.useFakeTimers({ now: noon, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] }),
);
afterEach(() => void vi.useRealTimers());

/** Opens a span, lets the course run, with points on the way, and ends it. @returns how long it really took */
function live(telemetry: Telemetry, course: Course, startTime?: number): number {
  const span = telemetry.startSpan('work', { startTime });
  for (const { passes, setBy } of course) {
    vi.advanceTimersByTime(passes);
    vi.setSystemTime(Date.now() + setBy);
    span.addEvent('point');
  }
  span.end();
  return course.reduce((sum, { passes }) => sum + passes, 0);
}

describe('a span during which the wall clock is set', () => {
  it('has its true duration in the store, and no negative time in the graph', async () => {
    await fc.assert(
      fc.asyncProperty(courses, async (course) => {
        const store = new MemoryTraceStore();
        const writer = new EventWriter(store, { process: false });
        const took = live(createEventTelemetry({ writer }), course);
        await writer.close();
        const events = await storedEvents(store);
        const times = events.map(({ timestamp }) => parseTimestamp(timestamp));
        expect(Math.max(...times) - Math.min(...times)).toBeCloseTo(took, 2);
        const graph = createTraceGraph(events);
        expect(graph.timing('unknown').totalMs).toBeGreaterThanOrEqual(0);
        for (const span of graph.spans) {
          const { delayMs, waitMs, backoffMs, runMs } = graph.timing(span);
          expect(Math.min(delayMs, waitMs, backoffMs, runMs)).toBeGreaterThanOrEqual(0);
          expect(runMs).toBeCloseTo(took, 2);
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['now', () => undefined],
    ['a given start', () => Date.now() - 500],
    ['a start that the clock has not reached', () => Date.now() + 500],
  ])('with %s, has no negative duration in OpenTelemetry', (_, startTime) => {
    fc.assert(
      fc.property(courses, (course) => {
        const exporter = new InMemorySpanExporter();
        const spanProcessors = [new SimpleSpanProcessor(exporter)];
        const telemetry = createOtelTelemetry({
          tracerProvider: new BasicTracerProvider({ spanProcessors }),
        });
        live(telemetry, course, startTime());
        for (const { duration } of exporter.getFinishedSpans())
          expect(duration[0] * 1e9 + duration[1]).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the order of what one process did', () => {
  it('is kept although the wall clock was set back in between', async () => {
    const store = new MemoryTraceStore();
    const writer = new EventWriter(store, { process: false });
    const telemetry = createEventTelemetry({ writer });
    const root = telemetry.startSpan('root', { parent: null });
    for (const name of ['first', 'second', 'third']) {
      telemetry.startSpan(name, { parent: root.context }).end();
      vi.setSystemTime(Date.now() - 60_000);
      vi.advanceTimersByTime(10);
    }
    root.end();
    await writer.close();
    const graph = createTraceGraph(await storedEvents(store));
    expect(graph.children(root.context.spanId)).toHaveLength(3);
    expect(graph.explainFailure().outcome).toBe('success');
    const { events } = graph;
    const seqs = events.map(({ seq }) => seq ?? 0);
    expect(new Set(seqs).size).toBe(events.length);
  });
});
