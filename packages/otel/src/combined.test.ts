import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import {
  combineTelemetry,
  createEventTelemetry,
  recordEvent,
  type Telemetry,
  traced,
} from '@throughline/core';
import { EventWriter, MemoryTraceStore, type TraceEvent } from '@throughline/core/events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerContextManager, registerTracing, unregisterEverything } from '../test/real-sdk.ts';
import { createOtelTelemetry } from './create-otel-telemetry.ts';

let store: MemoryTraceStore;
let telemetry: Telemetry;
beforeEach(() => {
  store = new MemoryTraceStore();
  telemetry = combineTelemetry(
    createOtelTelemetry(),
    createEventTelemetry({ writer: new EventWriter(store) }),
  );
});
afterEach(unregisterEverything);

async function stored(): Promise<readonly TraceEvent[]> {
  await telemetry.flush();
  const { traces } = await store.listTraces();
  const events = await Promise.all(traces.map(({ traceId }) => store.getTrace(traceId)));
  return events.flat().filter((event) => event.tags?.includes('throughline:process') !== true);
}

async function outerAndInner(): Promise<void> {
  await traced(telemetry, 'outer', async () => {
    await traced(telemetry, 'inner', async () => {
      await Promise.resolve();
      recordEvent(telemetry, 'ai:decision', { status: 'success' });
    });
  });
}

/** The parent of each stored span, by name. */
function parents(events: readonly TraceEvent[]): Record<string, string | undefined> {
  const names = new Map(events.map((event) => [event.span_id, event.event_type.split(':')[0]]));
  return Object.fromEntries(
    events.map((event) => [
      names.get(event.span_id),
      event.parent_span_id && names.get(event.parent_span_id),
    ]),
  );
}

const nested = { outer: undefined, inner: 'outer', ai: 'inner' };

describe('OpenTelemetry and stored events, combined', () => {
  it('have the same trace and span ids', async () => {
    const tracing = registerTracing();
    await outerAndInner();
    const inOtel = tracing
      .spans()
      .map((span) => `${span.spanContext().traceId} ${span.spanContext().spanId}`);
    const inStore = (await stored()).map((event) => `${event.trace_id} ${event.span_id}`);
    expect(new Set(inStore)).toEqual(new Set(inOtel));
    expect(inOtel).toHaveLength(3);
  });

  it('have the same parents', async () => {
    registerTracing();
    await outerAndInner();
    expect(parents(await stored())).toEqual(nested);
  });

  it('keep the stored trace whole when the sampler says no', async () => {
    const tracing = registerTracing({ sampler: new AlwaysOffSampler() });
    await outerAndInner();
    expect(tracing.spans()).toEqual([]);
    expect(parents(await stored())).toEqual(nested);
  });

  it('keep the stored trace whole under suppressed tracing', async () => {
    const tracing = registerTracing();
    await context.with(suppressTracing(context.active()), outerAndInner);
    expect(tracing.spans()).toEqual([]);
    expect(parents(await stored())).toEqual(nested);
  });

  it('keep the stored trace whole with nothing but a context manager', async () => {
    registerContextManager();
    await outerAndInner();
    expect(parents(await stored())).toEqual(nested);
  });

  it('carry on a trace that began before the SDK was registered', async () => {
    registerContextManager();
    let tracing: ReturnType<typeof registerTracing> | undefined;
    await traced(telemetry, 'outer', async (outer) => {
      tracing = registerTracing();
      await traced(telemetry, 'inner', async () => {}, { parent: outer.context });
    });
    const [event] = await stored();
    expect(tracing?.span('inner').spanContext().traceId).toBe(event?.trace_id);
  });

  it('cannot both choose the ids', () => {
    expect(() =>
      combineTelemetry(createEventTelemetry({ writer: new EventWriter(store) }), createOtelTelemetry()),
    ).toThrow(expect.objectContaining({ code: 'THROUGHLINE_COMBINE_TWO_IDENTITIES' }));
  });
});
