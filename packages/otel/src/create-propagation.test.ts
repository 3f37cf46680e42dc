import {
  type Context,
  context,
  propagation,
  type TextMapPropagator,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Carrier, TraceContext } from '@throughline/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { registerContextManager, registerPropagator, unregisterEverything } from '../test/real-sdk.ts';
import { createOtelTelemetry } from './create-otel-telemetry.ts';

afterEach(unregisterEverything);

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const sent: TraceContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  traceState: 'vendor=value',
};
const received: TraceContext = { ...sent, isRemote: true };

/** A propagator in a format of its own, as B3 and vendors' are. */
const oneHeader: TextMapPropagator = {
  fields: () => ['x-trace'],
  inject(active, carrier, setter) {
    const spanContext = trace.getSpanContext(active);
    if (spanContext)
      setter.set(carrier, 'x-trace', `${spanContext.traceId}/${spanContext.spanId}`.toUpperCase());
  },
  extract(active, carrier, getter): Context {
    const [traceId = '', spanId = ''] = String(getter.get(carrier, 'x-trace') ?? '').split('/');
    return trace.setSpanContext(active, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
  },
};

function inject(from: TraceContext, carrier: Carrier = {}): Carrier {
  createOtelTelemetry().propagation.inject(from, carrier);
  return carrier;
}

describe.each([
  ['no propagator is registered', () => {}],
  ['W3C is registered', () => registerPropagator()],
  ['W3C and baggage are registered', () => registerPropagator(w3cAndBaggage())],
])('propagation while %s', (_when, register) => {
  it('writes traceparent and tracestate', () => {
    register();
    expect(inject(sent)).toEqual({ traceparent, tracestate: 'vendor=value' });
  });

  it('writes two flag digits, whatever the flags are', () => {
    register();
    expect(inject({ ...sent, traceFlags: 0xff }).traceparent).toMatch(/-03$/);
  });

  it('takes the tracestate of an earlier context away', () => {
    register();
    const earlier = { tracestate: 'old=1', relation: 'link' } as const;
    expect(inject({ ...sent, traceState: undefined }, { ...earlier })).toEqual({
      traceparent,
      relation: 'link',
    });
  });

  it('writes nothing for a context that is not valid', () => {
    register();
    expect(inject({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 })).toEqual({});
  });

  it.each([
    ['a carrier', { traceparent, tracestate: 'vendor=value' }],
    ['JSON text', JSON.stringify({ traceparent, tracestate: 'vendor=value' })],
    [
      'header pairs',
      [
        ['Traceparent', traceparent],
        ['Tracestate', 'vendor=value'],
      ],
    ],
    ['raw headers', ['Traceparent', traceparent, 'Host', 'a.example', 'Tracestate', 'vendor=value']],
    ['a Headers object', new Headers({ traceparent, tracestate: 'vendor=value' })],
    ['a header object with capitals', { TraceParent: traceparent, TraceState: 'vendor=value' }],
  ])('reads %s', (_what, carrier) => {
    register();
    expect(createOtelTelemetry().propagation.extract(carrier)).toEqual(received);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a bare traceparent', traceparent],
    ['broken JSON', '{"traceparent":'],
    ['a JSON number', '5'],
    ['40 KiB of JSON', JSON.stringify({ pad: 'x'.repeat(40_000), traceparent })],
    ['bytes', new Uint8Array(8)],
    ['two traceparents', { traceparent: [traceparent, traceparent] }],
    ['the wrong type', { traceparent: 7 }],
    ['zero ids', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['an inherited traceparent', Object.create({ traceparent })],
    [
      'a throwing getter',
      {
        get traceparent() {
          throw new Error('getter');
        },
      },
    ],
    ['a revoked proxy', revokedProxy()],
  ])('takes %s as no context', (_what, carrier) => {
    register();
    expect(createOtelTelemetry().propagation.extract(carrier)).toBeUndefined();
  });

  it('answers any input without throwing', () => {
    register();
    const { propagation: ours } = createOtelTelemetry();
    const anything = fc.anything({
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.oneof(anything, fc.string(), fc.json()), (carrier) => void ours.extract(carrier)),
    );
  });

  it('reads what it wrote', () => {
    register();
    const { propagation: ours } = createOtelTelemetry();
    fc.assert(
      fc.property(hexId(32), hexId(16), fc.integer({ min: 0, max: 3 }), (traceId, spanId, traceFlags) => {
        const carrier = {};
        ours.inject({ traceId, spanId, traceFlags }, carrier);
        expect(ours.extract(JSON.stringify(carrier))).toEqual({
          traceId,
          spanId,
          traceFlags,
          isRemote: true,
        });
      }),
    );
  });
});

describe('the global propagator', () => {
  it('is found when it is registered after the telemetry', () => {
    const { propagation: ours } = createOtelTelemetry();
    registerPropagator(oneHeader);
    const carrier = {};
    ours.inject(sent, carrier);
    expect(carrier).toEqual({ 'x-trace': '0AF7651916CD43DD8448EB211C80319C/B7AD6B7169203331' });
  });

  it('is not used with propagator: w3c', () => {
    registerPropagator(oneHeader);
    const carrier = {};
    createOtelTelemetry({ propagator: 'w3c' }).propagation.inject(sent, carrier);
    expect(carrier).toEqual({ traceparent, tracestate: 'vendor=value' });
  });

  it('gets no baggage to write', () => {
    registerContextManager();
    registerPropagator(w3cAndBaggage());
    const baggage = propagation.createBaggage({ customer: { value: 'secret' } });
    context.with(propagation.setBaggage(context.active(), baggage), () => {
      expect(inject(sent)).not.toHaveProperty('baggage');
    });
  });
});

describe('a propagator of the application', () => {
  it('is the one that is used, and its ids become W3C ids', () => {
    const { propagation: ours } = createOtelTelemetry({ propagator: oneHeader });
    const carrier = {};
    ours.inject(sent, carrier);
    expect(ours.extract(JSON.stringify(carrier))).toMatchObject({
      traceId: sent.traceId,
      spanId: sent.spanId,
      isRemote: true,
    });
  });

  it('is not asked to write a context that is not valid', () => {
    const carrier = {};
    const none = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };
    createOtelTelemetry({ propagator: oneHeader }).propagation.inject(none, carrier);
    expect(carrier).toEqual({});
  });

  it('that throws gives no context', () => {
    const broken: TextMapPropagator = {
      ...oneHeader,
      extract() {
        throw new Error('broken');
      },
    };
    expect(
      createOtelTelemetry({ propagator: broken }).propagation.extract({ 'x-trace': 'a/b' }),
    ).toBeUndefined();
  });

  it('never sees more than 128 headers or a value above 8 KiB', () => {
    const seen: { keys: readonly string[]; big: unknown }[] = [];
    const probe: TextMapPropagator = {
      ...oneHeader,
      extract(active, carrier, getter) {
        seen.push({ keys: getter.keys(carrier), big: getter.get(carrier, 'big') });
        return active;
      },
    };
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`h${i}`, 'v']));
    createOtelTelemetry({ propagator: probe }).propagation.extract({ big: 'x'.repeat(8_193), ...many });
    expect(seen[0]?.keys).toHaveLength(128);
    expect(seen[0]?.big).toBeUndefined();
  });
});

function w3cAndBaggage(): TextMapPropagator {
  return new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  });
}

function hexId(length: number): fc.Arbitrary<string> {
  const digit = fc.constantFrom(...'0123456789abcdef');
  return fc.string({ unit: digit, minLength: length, maxLength: length }).filter((id) => /[^0]/.test(id));
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('propagation while a propagator with more fields than those of the W3C is registered', () => {
  it('is asked, whatever else it writes', () => {
    registerPropagator(
      new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), oneHeader] }),
    );
    expect(inject(sent)).toMatchObject({
      traceparent,
      'x-trace': `${sent.traceId}/${sent.spanId}`.toUpperCase(),
    });
  });
});
