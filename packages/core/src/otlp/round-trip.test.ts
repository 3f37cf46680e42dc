import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent, TraceEventData } from '../events/trace-event.ts';
import { loanSagaFixture } from '../testing/loan-saga-fixture.ts';
import { loanSagaStory } from '../testing/loan-saga-story.ts';
import { createTraceGraph } from '../trace-graph/trace-graph.ts';
import { fromOtlp } from './from-otlp.ts';
import { toOtlp } from './to-otlp.ts';

const phases = 'queued started progress suspended retrying completed failed canceled stalled note'.split(' ');
const id = fc.constantFrom('S1', 'S2', '00f067aa0ba902b7', '00F067AA0BA902B7', 'é', '0000000000000000');
const text = fc.string({ unit: 'binary', maxLength: 8 });
const link = fc.record({ trace_id: id, span_id: id, relation: fc.constantFrom('retry_of', undefined) });
const data = fc.record(
  {
    name: text,
    kind: fc.constantFrom('internal', 'producer', 'consumer', 'client', 'server'),
    attributes: fc.dictionary(text, fc.jsonValue()),
    entity: fc.record({ system: text, id: fc.constantFrom('1', '2') }),
    attempt: fc.integer({ min: 1, max: 3 }),
    outcome: fc.constantFrom('ok', 'retry', 'lost', 'odd'),
    error: fc.record({ type: text, message: text }),
    links: fc.array(link, { maxLength: 2 }),
    original_span_id: id,
    resource: fc.dictionary(text, text),
    reasoning: fc.jsonValue(),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<TraceEventData>;

const event: fc.Arbitrary<TraceEvent> = fc
  .record(
    {
      trace_id: fc.constantFrom('T1', '4bf92f3577b34da6a3ce929d0e0e4736'),
      span_id: id,
      parent_span_id: id,
      event_type: fc.tuple(text, fc.constantFrom(...phases)).map((parts) => parts.join(':')),
      timestamp: fc.oneof(
        fc.constantFrom(
          '2026-01-31T12:00:00.000001Z',
          '2026-01-31T13:00:00.1234567+01:00',
          '1805-01-01T00:00:00Z',
        ),
        text,
      ),
      status: fc.constantFrom('success', 'failed', 'pending'),
      data: fc.oneof(data, fc.object() as fc.Arbitrary<TraceEventData>),
      tags: fc.array(text, { maxLength: 3 }),
      event_id: fc.constantFrom('1', '2'),
      source: fc.constantFrom('api:1', 'worker:2'),
      seq: fc.nat(),
    },
    { requiredKeys: ['trace_id', 'span_id', 'event_type', 'timestamp'] },
  )
  .map((draft) => JSON.parse(JSON.stringify(draft)) as TraceEvent);

/** As long as the starts of jobs are. */
const longStart = (i: number): TraceEvent => ({
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  span_id: i.toString(16).padStart(16, '1'),
  parent_span_id: '00f067aa0ba902b7',
  event_type: 'job:started',
  timestamp: '2026-01-31T12:00:00.000001Z',
  data: {
    name: 'process welcome',
    kind: 'consumer',
    attributes: { 'messaging.system': 'bullmq', 'messaging.destination.name': 'mail', note: 'x'.repeat(200) },
    entity: { system: 'bullmq', queue: 'bull:mail', name: 'welcome', id: String(i) },
    attempt: 1,
  },
  event_id: `0123456789abcdef-${i.toString(36)}`,
  source: 'worker-7:4711:0123456789abcdef',
  seq: i,
});

const onTheWire = (events: readonly TraceEvent[]): string => JSON.stringify(toOtlp(events));

describe('events that went to OTLP and back', () => {
  it('make an equal graph, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), (events) => {
        const there = createTraceGraph(events);
        const { events: back, rejected } = fromOtlp(onTheWire(events));
        const again = createTraceGraph(back);
        expect(rejected).toEqual([]);
        expect(again.events).toEqual(there.events);
        expect(again.explainFailure().toText()).toBe(there.explainFailure().toText());
        expect(again.toText()).toBe(there.toText());
      }),
      { numRuns: 300 },
    );
  }, 120_000);

  it.each([
    ['the saga as event telemetry stores it', loanSagaStory()],
    ['the saga with ids that are no W3C ids', loanSagaFixture],
  ])('are the same events: %s', (_, events) => {
    expect(createTraceGraph(fromOtlp(onTheWire(events)).events).events).toEqual(events);
  });

  it('are the same after a second trip', () => {
    const once = fromOtlp(onTheWire(loanSagaStory())).events;
    expect(fromOtlp(onTheWire(once)).events).toEqual(once);
  });

  it('count as anybody’s when a record was cut off on the way', () => {
    const { resourceSpans } = toOtlp(loanSagaStory());
    const cut = JSON.parse(JSON.stringify(resourceSpans), (key, value) =>
      key === 'events' ? value.slice(1) : value,
    );
    const { events, rejected, spans } = fromOtlp({ resourceSpans: cut });
    expect(rejected).toMatchObject([{ reason: 'record_invalid', count: spans }]);
    expect(createTraceGraph(events).explainFailure().outcome).toBe('failed');
  });

  it('count as anybody’s when JSON cannot express them, as no stored event is', () => {
    const start = { trace_id: 'T1', span_id: 'S1', timestamp: '2026-01-31T12:00:00Z' };
    const { events, rejected } = fromOtlp(
      onTheWire([{ ...start, event_type: 'job:started', data: { name: 'job', big: 1n } }]),
    );
    expect(rejected).toMatchObject([{ reason: 'record_invalid', count: 1 }]);
    expect(events).toMatchObject([{ trace_id: 'T1', span_id: 'S1', event_type: 'job:started' }]);
  });

  it('fit the limits of the way back, as many as one trace is read with', () => {
    const one = onTheWire(Array.from({ length: 100 }, (_, i) => longStart(i)));
    expect((one.length / 100) * 100_000).toBeLessThan(2 ** 28);
  });

  it('are the same when one span has more of them than any SDK records', () => {
    const events = Array.from({ length: 12_000 }, (_, i) => ({
      ...longStart(1),
      event_type: 'job:progress',
      event_id: String(i),
    }));
    const { events: back, rejected } = fromOtlp(onTheWire(events));
    expect(rejected).toEqual([]);
    expect(back.length).toBe(events.length);
  });

  it('are not believed about another span', () => {
    const text = onTheWire(loanSagaFixture).replaceAll(
      String.raw`\"span_id\":\"S2\"`,
      String.raw`\"span_id\":\"S6\"`,
    );
    const { events, rejected } = fromOtlp(text);
    expect(rejected).toMatchObject([{ reason: 'record_invalid', count: 1 }]);
    expect(createTraceGraph(events).span('S2')?.state).toBe('completed');
  });
});

describe('events that went to OTLP without their records and back', () => {
  const back = (events: readonly TraceEvent[]): readonly TraceEvent[] =>
    fromOtlp(JSON.stringify(toOtlp(events, { lossless: false }))).events;

  it.each([
    ['the story', loanSagaStory()],
    ['the fixture', loanSagaFixture],
  ])('tell the same causes, attempts and ledger: %s', (_, events) => {
    const facts = (graph: ReturnType<typeof createTraceGraph>): unknown => ({
      why: graph.explainFailure().toText(),
      tree: graph.spans.map(({ spanId, parent, state, subject, name, entity, attempt, kind }) => ({
        ...{
          spanId,
          parent: parent?.spanId,
          state,
          subject,
          name,
          entity,
          attempt,
          kind: kind ?? 'internal',
        },
      })),
    });
    expect(facts(createTraceGraph(back(events)))).toEqual(facts(createTraceGraph(events)));
  });

  it('keep trace state and flags that were imported', () => {
    const span = {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      traceState: 'vendor=1',
      flags: 0x103,
      name: 'work',
    };
    const { events } = fromOtlp({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const [{ scopeSpans } = { scopeSpans: [] }] = toOtlp(events, { lossless: false }).resourceSpans;
    expect(scopeSpans[0]?.spans).toMatchObject([{ traceState: 'vendor=1', flags: 0x103 }]);
    expect(back(events)).toEqual(back(back(events)));
  });

  it('are the same again after a second trip', () => {
    const once = back(loanSagaStory());
    expect(back(once)).toEqual(once);
  });
});
