import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type AmbientContext,
  type Attributes,
  createEventTelemetry,
  type SpanOutcome,
  type Telemetry,
  type WorkEntity,
} from '@throughline/core';
import {
  EventWriter,
  MemoryTraceStore,
  parseTimestamp,
  splitEventType,
  type TraceEvent,
} from '@throughline/core/events';
import type { ObservedSpan } from '../../src/index.ts';

/** An event telemetry, and the spans that can be read from what it stored. */
export interface ObservedEvents {
  readonly telemetry: Telemetry;
  spans(): Promise<ObservedSpan[]>;
}

export function observedEvents(
  options: { ambient?: AmbientContext | undefined } = { ambient: new AsyncLocalStorage() },
): ObservedEvents {
  const store = new MemoryTraceStore();
  const writer = new EventWriter(store);
  return {
    telemetry: createEventTelemetry({ writer, ...options }),
    async spans() {
      const { traces } = await store.listTraces({ limit: 10_000 });
      const events = await Promise.all(traces.map(({ traceId }) => store.getTrace(traceId)));
      return spansOf(events.flat().filter(({ tags }) => !tags?.includes('throughline:process')));
    },
  };
}

function spansOf(events: readonly TraceEvent[]): ObservedSpan[] {
  const spans = new Map<string, TraceEvent[]>();
  for (const event of events) spans.set(event.span_id, [...(spans.get(event.span_id) ?? []), event]);
  return [...spans.values()].filter((own) => hasEnded(own.at(-1))).map(spanOf);
}

function hasEnded(last: TraceEvent | undefined): boolean {
  const { phase } = splitEventType(last?.event_type ?? '');
  return phase !== 'started' && phase !== 'progress';
}

function spanOf(events: readonly TraceEvent[]): ObservedSpan {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a span has no events');
  const startTime = parseTimestamp(first.timestamp);
  const points = events.filter(({ event_type }) => event_type.endsWith(':progress'));
  return {
    name: first.data?.name ?? '',
    traceId: first.trace_id,
    spanId: first.span_id,
    parentSpanId: first.parent_span_id,
    kind: first.data?.kind ?? 'internal',
    attributes: Object.assign(
      {},
      ...events.filter((event) => !points.includes(event)).map(({ data }) => data?.attributes),
    ) as Attributes,
    links: events
      .flatMap(({ data }) => data?.links ?? [])
      .map(({ trace_id, span_id, relation }) => ({ traceId: trace_id, spanId: span_id, relation })),
    events: points
      .filter(({ data }) => data?.name !== undefined)
      .map(({ data, timestamp }) => ({ name: data?.name ?? '', time: parseTimestamp(timestamp) })),
    startTime,
    endTime: parseTimestamp(last.timestamp) + Number(last.data?.duration_ms ?? 0),
    outcome: last.data?.outcome as SpanOutcome | undefined,
    errorMessage: last.data?.error?.message,
    entity: entityOf(last),
  };
}

function entityOf({ data }: TraceEvent): WorkEntity | undefined {
  return data?.entity && { ...data.entity, attempt: data.attempt, maxAttempts: data.max_attempts };
}
