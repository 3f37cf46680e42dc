import { context, createContextKey, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { TraceContext } from '@throughline/core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createTracing,
  registerContextManager,
  registerTracing,
  unregisterEverything,
} from '../test/real-sdk.ts';
import { createOtelTelemetry } from './create-otel-telemetry.ts';

afterEach(unregisterEverything);

const remote: TraceContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  traceState: 'ot=th:8,vendor=value',
  isRemote: true,
};

describe('startSpan', () => {
  it('starts an internal root span when nothing is active', () => {
    const tracing = registerTracing();
    createOtelTelemetry().startSpan('work').end();
    expect(tracing.span('work')).toMatchObject({ kind: SpanKind.INTERNAL, parentSpanContext: undefined });
  });

  it.each([
    ['internal', SpanKind.INTERNAL],
    ['producer', SpanKind.PRODUCER],
    ['consumer', SpanKind.CONSUMER],
    ['client', SpanKind.CLIENT],
    ['server', SpanKind.SERVER],
  ] as const)('gives a %s span the kind %i', (kind, expected) => {
    const tracing = registerTracing();
    createOtelTelemetry().startSpan('work', { kind }).end();
    expect(tracing.span('work').kind).toBe(expected);
  });

  it('uses the scope and its version', () => {
    const tracing = registerTracing();
    createOtelTelemetry({ scope: 'orders', scopeVersion: '2.1.0' }).startSpan('work').end();
    expect(tracing.span('work').instrumentationScope).toMatchObject({ name: 'orders', version: '2.1.0' });
  });

  it('links to the contexts it is given', () => {
    const tracing = registerTracing();
    const links = [{ context: remote, relation: 'produced_by' }, { context: remote }] as const;
    createOtelTelemetry().startSpan('work', { links }).end();
    const [first, second] = tracing.span('work').links;
    expect(first?.context).toMatchObject({ traceId: remote.traceId, spanId: remote.spanId, isRemote: true });
    expect(first?.context.traceState?.serialize()).toBe(remote.traceState);
    expect(first?.attributes).toEqual({ 'throughline.relation': 'produced_by' });
    expect(second?.attributes).toBeUndefined();
  });

  it('ignores subject, entity, data and tags, which belong to the stored event', () => {
    const tracing = registerTracing();
    createOtelTelemetry()
      .startSpan('work', { subject: 'job', entity: { system: 's', id: '1' }, data: { a: 1 }, tags: ['t'] })
      .end({ data: { b: 2 }, tags: ['u'] });
    expect(tracing.span('work').attributes).toEqual({});
  });
});

describe('the parent of a span', () => {
  it('is the active span when none is given', () => {
    const tracing = registerTracing();
    const telemetry = createOtelTelemetry();
    const outer = telemetry.startSpan('outer');
    outer.run(() => telemetry.startSpan('inner').end());
    expect(tracing.span('inner').parentSpanContext?.spanId).toBe(outer.context.spanId);
  });

  it('is nobody when it is null, whatever is active', () => {
    const tracing = registerTracing();
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('outer').run(() => telemetry.startSpan('inner', { parent: null }).end());
    expect(tracing.span('inner').parentSpanContext).toBeUndefined();
  });

  it('is the remote context it is given, with tracestate and the remote flag', () => {
    const tracing = registerTracing();
    createOtelTelemetry().startSpan('work', { parent: remote }).end();
    const { parentSpanContext } = tracing.span('work');
    expect(parentSpanContext).toMatchObject({
      traceId: remote.traceId,
      spanId: remote.spanId,
      isRemote: true,
    });
    expect(tracing.span('work').spanContext().traceState?.serialize()).toBe(remote.traceState);
  });

  it('keeps a tracestate of more than 512 characters', () => {
    registerTracing();
    const traceState = Array.from({ length: 32 }, (_, i) => `vendor${i}=${'v'.repeat(40)}`).join();
    const span = createOtelTelemetry().startSpan('work', { parent: { ...remote, traceState } });
    expect(span.context.traceState).toBe(traceState);
  });

  it('is local when the context it is given is', () => {
    const tracing = registerTracing();
    createOtelTelemetry()
      .startSpan('work', { parent: { ...remote, isRemote: undefined } })
      .end();
    expect(tracing.span('work').parentSpanContext?.isRemote).toBeFalsy();
  });

  it('leaves the rest of the active context to span processors', () => {
    const tenant = createContextKey('tenant');
    const seen: unknown[] = [];
    registerTracing({
      processors: [processor((parentContext) => seen.push(parentContext.getValue(tenant)))],
    });
    context.with(context.active().setValue(tenant, 'acme'), () => {
      createOtelTelemetry().startSpan('work', { parent: remote }).end();
    });
    expect(seen).toEqual(['acme']);
  });

  it('stays the living span for span processors when it is the active one', () => {
    const seen: unknown[] = [];
    registerTracing({ processors: [processor((parentContext) => seen.push(trace.getSpan(parentContext)))] });
    const telemetry = createOtelTelemetry();
    const outer = telemetry.startSpan('outer');
    outer.run(() => {
      const living = trace.getActiveSpan();
      telemetry.startSpan('inner', { parent: outer.context });
      expect(seen.at(-1)).toBe(living);
    });
  });
});

describe('the times of a span', () => {
  it('start and end where they are told', () => {
    const tracing = registerTracing();
    createOtelTelemetry()
      .startSpan('work', { startTime: 1_700_000_000_000.5 })
      .end({ endTime: 1_700_000_002_000 });
    expect(tracing.span('work')).toMatchObject({
      startTime: [1_700_000_000, 500_000],
      endTime: [1_700_000_002, 0],
    });
  });

  it('last from a given start in the past until now', () => {
    const tracing = registerTracing();
    createOtelTelemetry()
      .startSpan('work', { startTime: Date.now() - 5_000 })
      .end();
    expect(tracing.span('work').duration[0]).toBeGreaterThanOrEqual(5);
    expect(tracing.span('work').duration[0]).toBeLessThan(60);
  });

  it('never end before a given start with a fraction', () => {
    const tracing = registerTracing();
    const startTime = performance.timeOrigin + performance.now() + 0.9;
    createOtelTelemetry().startSpan('work', { startTime }).end();
    expect(tracing.span('work').endTime).not.toEqual(tracing.span('work').startTime);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300])('are now when %d is given', (time) => {
    const tracing = registerTracing();
    const span = createOtelTelemetry().startSpan('work', { startTime: time });
    span.addEvent('tick', {}, time);
    span.end({ endTime: time });
    const { startTime, endTime, events } = tracing.span('work');
    for (const [seconds] of [startTime, endTime, events[0]?.time ?? [0, 0]]) {
      expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
    }
  });
});

describe('a point', () => {
  it('is an INTERNAL span without length', () => {
    const tracing = registerTracing();
    createOtelTelemetry().startSpan('ai:decision', { eventType: 'ai:decision', kind: 'client' }).end();
    const point = tracing.span('ai:decision');
    expect(point).toMatchObject({ kind: SpanKind.INTERNAL, duration: [0, 0] });
    expect(Math.abs(point.startTime[0] - Date.now() / 1000)).toBeLessThan(60);
  });

  it.each([
    ['makes no claim', undefined, SpanStatusCode.UNSET],
    ['succeeded', 'ok', SpanStatusCode.OK],
    ['failed', 'error', SpanStatusCode.ERROR],
  ] as const)('that %s has the status for it', (_what, outcome, code) => {
    const tracing = registerTracing();
    createOtelTelemetry().startSpan('ai:decision', { eventType: 'ai:decision' }).end({ outcome });
    expect(tracing.span('ai:decision').status.code).toBe(code);
  });

  it('stands at its time', () => {
    const tracing = registerTracing();
    const options = { eventType: 'ai:decision', startTime: 1_700_000_000_000 };
    createOtelTelemetry().startSpan('ai:decision', options).end({ endTime: 1_700_000_009_000 });
    expect(tracing.span('ai:decision')).toMatchObject({
      startTime: [1_700_000_000, 0],
      endTime: [1_700_000_000, 0],
    });
  });
});

describe('a sampler', () => {
  it('sees the attributes and the links of the start', () => {
    const seen: unknown[] = [];
    const sampler: Sampler = {
      shouldSample: (_context, _traceId, name, kind, attributes, links) => {
        seen.push({ name, kind, attributes, links: links.length });
        return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      },
      toString: () => 'probe',
    };
    registerTracing({ sampler });
    createOtelTelemetry().startSpan('work', {
      kind: 'consumer',
      attributes: { 'messaging.system': 'bullmq' },
      links: [{ context: remote }],
    });
    expect(seen).toEqual([
      { name: 'work', kind: SpanKind.CONSUMER, attributes: { 'messaging.system': 'bullmq' }, links: 1 },
    ]);
  });

  it('tells a remote parent from a local one', () => {
    const root = new AlwaysOnSampler();
    const tracing = registerTracing({
      sampler: new ParentBasedSampler({ root, remoteParentSampled: new AlwaysOffSampler() }),
    });
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('of a remote parent', { parent: remote }).end();
    telemetry.startSpan('of a local parent', { parent: { ...remote, isRemote: undefined } }).end();
    expect(tracing.spans().map((span) => span.name)).toEqual(['of a local parent']);
  });

  it('that says no gives a span that records nothing but has an identity of its own', () => {
    registerTracing({ sampler: new AlwaysOffSampler() });
    const span = createOtelTelemetry().startSpan('work', { parent: remote });
    expect(span.isRecording).toBe(false);
    expect(span.context).toMatchObject({ traceId: remote.traceId, traceFlags: 0 });
    expect(span.context.spanId).not.toBe(remote.spanId);
  });

  it('that says no spares the work on attributes, events, links and errors', () => {
    registerTracing({ sampler: new AlwaysOffSampler() });
    const span = createOtelTelemetry().startSpan('work');
    const untouchable = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('touched');
        },
        get() {
          throw new Error('touched');
        },
      },
    );
    span.setAttributes(untouchable);
    span.addEvent('event', untouchable);
    span.addLink(untouchable as never);
    span.end({ error: untouchable, attributes: untouchable });
  });
});

describe('run', () => {
  it('makes the span active, through awaits', async () => {
    registerTracing();
    const telemetry = createOtelTelemetry();
    const span = telemetry.startSpan('work');
    await span.run(async () => {
      await Promise.resolve();
      expect(telemetry.activeContext()?.spanId).toBe(span.context.spanId);
    });
  });

  it('returns what the function returns and throws what it throws', () => {
    registerTracing();
    const span = createOtelTelemetry().startSpan('work');
    const error = new Error('mine');
    expect(span.run(() => 42)).toBe(42);
    expect(() =>
      span.run(() => {
        throw error;
      }),
    ).toThrow(error);
  });

  it('keeps the baggage of the active context', () => {
    registerTracing();
    const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
    context.with(propagation.setBaggage(context.active(), baggage), () => {
      createOtelTelemetry()
        .startSpan('work', { parent: remote })
        .run(() => expect(propagation.getActiveBaggage()).toBe(baggage));
    });
  });
});

describe('withContext', () => {
  it('makes a context active and keeps the baggage', () => {
    const tracing = registerTracing();
    const telemetry = createOtelTelemetry();
    const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
    context.with(propagation.setBaggage(context.active(), baggage), () => {
      telemetry.withContext(remote, () => {
        telemetry.startSpan('work').end();
        expect(telemetry.activeContext()).toEqual(remote);
        expect(propagation.getActiveBaggage()).toBe(baggage);
      });
    });
    expect(tracing.span('work').parentSpanContext?.spanId).toBe(remote.spanId);
  });

  it('detaches from everything that was active when it gets undefined', () => {
    registerTracing();
    const telemetry = createOtelTelemetry();
    const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
    context.with(propagation.setBaggage(context.active(), baggage), () => {
      telemetry.startSpan('work').run(() => {
        telemetry.withContext(undefined, () => {
          expect(telemetry.activeContext()).toBeUndefined();
          expect(propagation.getActiveBaggage()).toBeUndefined();
        });
      });
    });
  });
});

describe('work that starts the work after it, again and again,', () => {
  it('leaves a context that is as quickly asked as the first', () => {
    registerTracing();
    const telemetry = createOtelTelemetry();
    let active = context.active();
    const keepActive = (): void => {
      active = context.active();
    };
    for (let work = 0; work < 10_000; work += 1)
      context.with(active, () => {
        const inner = telemetry.startSpan('work', { parent: remote });
        telemetry.withContext(inner.context, () => telemetry.startSpan('work').run(keepActive));
      });

    // One layer upon the other would be more calls within calls than there is room for.
    expect(active.getValue(createContextKey('unknown'))).toBeUndefined();
  });
});

describe('without a registered SDK', () => {
  it('a span passes the context of its parent through', () => {
    const span = createOtelTelemetry().startSpan('work', { parent: remote });
    expect(span.context).toEqual(remote);
    expect(span.isRecording).toBe(false);
  });

  it('a span without a parent has no valid context, and nothing is injected', () => {
    const telemetry = createOtelTelemetry();
    const carrier = {};
    telemetry.propagation.inject(telemetry.startSpan('work').context, carrier);
    expect(carrier).toEqual({});
  });

  it('functions run', () => {
    const telemetry = createOtelTelemetry();
    expect(telemetry.startSpan('work').run(() => 1)).toBe(1);
    expect(telemetry.withContext(remote, () => 2)).toBe(2);
    expect(telemetry.activeContext()).toBeUndefined();
  });

  it('neither spans nor measurements are enabled', () => {
    const telemetry = createOtelTelemetry();
    expect([telemetry.isEnabled('spans'), telemetry.isEnabled('measurements')]).toEqual([false, false]);
  });

  it('a context manager alone hands the parent on to what runs inside', () => {
    registerContextManager();
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('work', { parent: remote }).run(() => {
      expect(telemetry.startSpan('inner').context).toEqual(remote);
    });
  });
});

describe('under suppressed tracing', () => {
  it.each([
    ['active', undefined],
    ['explicit', remote],
    ['root', null],
  ] as const)('a span with the %s parent does not record', (_which, parent) => {
    const tracing = registerTracing();
    context.with(suppressTracing(context.active()), () => {
      createOtelTelemetry().startSpan('work', { parent }).end();
    });
    expect(tracing.spans()).toEqual([]);
  });

  it('running a span leaves the active context as it is', () => {
    registerTracing();
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('outer').run(() => {
      context.with(suppressTracing(context.active()), () => {
        const before = context.active();
        telemetry.startSpan('work').run(() => expect(context.active()).toBe(before));
      });
    });
  });
});

describe('a registration', () => {
  it('that comes after the telemetry is found', () => {
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('too early').end();
    const tracing = registerTracing();
    telemetry.startSpan('work').end();
    expect(tracing.spans().map((span) => span.name)).toEqual(['work']);
    expect(telemetry.isEnabled('spans')).toBe(true);
  });

  it('that replaces an earlier one is found', () => {
    const first = registerTracing();
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('one').end();
    unregisterEverything();
    const second = registerTracing();
    telemetry.startSpan('two').end();
    expect(first.spans().map((span) => span.name)).toEqual(['one']);
    expect(second.spans().map((span) => span.name)).toEqual(['two']);
  });

  it('that is taken back stops the recording', () => {
    registerTracing();
    const telemetry = createOtelTelemetry();
    unregisterEverything();
    expect(telemetry.startSpan('work').isRecording).toBe(false);
    expect(telemetry.isEnabled('spans')).toBe(false);
  });

  it('of a context manager alone, later, lets spans find each other', () => {
    const telemetry = createOtelTelemetry();
    registerTracing();
    const span = telemetry.startSpan('work');
    span.run(() => expect(telemetry.activeContext()?.spanId).toBe(span.context.spanId));
  });
});

describe('the options tracer and tracerProvider', () => {
  it('are used although something else is registered', () => {
    const global = registerTracing();
    const mine = createTracing();
    createOtelTelemetry({ tracerProvider: mine.provider }).startSpan('by provider').end();
    createOtelTelemetry({ tracer: mine.provider.getTracer('mine') })
      .startSpan('by tracer')
      .end();
    expect(global.spans()).toEqual([]);
    expect(mine.spans().map((span) => span.name)).toEqual(['by provider', 'by tracer']);
  });
});

function processor(onStart: (parentContext: ReturnType<typeof context.active>) => void): SpanProcessor {
  return {
    onStart: (_span, parentContext) => onStart(parentContext),
    onEnd: () => {},
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}
