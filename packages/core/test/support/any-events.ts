import fc from 'fast-check';
import type { TraceEvent, TraceEventData } from '../../src/events/trace-event.ts';

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

/** One event of few ids, so that duplicates, cycles, orphans and contradictions are common. */
export const anyEvent: fc.Arbitrary<TraceEvent> = fc
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

export const anyEvents: fc.Arbitrary<TraceEvent[]> = fc.array(anyEvent, { maxLength: 30 });
