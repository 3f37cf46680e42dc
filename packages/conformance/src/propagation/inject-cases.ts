import { type Carrier, createTraceContext, type TraceContext } from '@throughline/core';
import { demand, demandSame } from '../suite/demand.ts';
import type { PropagationCase } from './propagation-harness.ts';

/** `inject`: what is written into a carrier. */
export const injectCases: readonly PropagationCase[] = [
  {
    id: '1a',
    title: 'writes a traceparent of version 00 for any flags',
    run({ propagation }) {
      for (const traceFlags of [0, 1, 2, 3]) {
        const context = { ...createTraceContext(), traceFlags };
        const expected = `00-${context.traceId}-${context.spanId}-0${traceFlags}`;
        demandSame(
          injected(propagation, context).traceparent,
          expected,
          `traceparent of flags ${traceFlags}`,
        );
      }
    },
  },
  {
    id: '1b',
    title: 'writes no flag but sampled and random',
    run({ propagation }) {
      for (const [traceFlags, written] of flagsOnTheWire) {
        const { traceparent = '' } = injected(propagation, { ...createTraceContext(), traceFlags });
        demandSame(traceparent.slice(-3), written, `the flags written for ${traceFlags}`);
      }
    },
  },
  {
    id: '2a',
    title: 'writes the tracestate of the context',
    run({ propagation }) {
      for (const traceState of ['vendor=1', 'b=2,a=1', 'tenant@sys=x-y_z*/', `long=${'v'.repeat(256)}`]) {
        const { tracestate } = injected(propagation, { ...createTraceContext(), traceState });
        demandSame(tracestate, traceState, 'tracestate');
      }
    },
  },
  {
    id: '2b',
    title: 'leaves no tracestate of an earlier context behind',
    run({ propagation }) {
      const carrier: Carrier = { traceparent: 'earlier', tracestate: 'earlier=1' };
      propagation.inject(createTraceContext(), carrier);
      demand(
        carrier.tracestate === undefined,
        `tracestate is ${carrier.tracestate}, which belongs to another context`,
      );
      demand(!JSON.stringify(carrier).includes('earlier'), 'something of the earlier context is left');
    },
  },
  {
    id: '3',
    title: 'leaves the other fields as they are',
    run({ propagation }) {
      const others = { relation: 'link', baggage: 'tenant=7', own: 'x' } as const;
      const carrier: Carrier = { ...others };
      propagation.inject(createTraceContext(), carrier);
      const { traceparent: _, ...rest } = carrier;
      demandSame(rest, others, 'the other fields');
    },
  },
  {
    id: '4',
    title: 'writes nothing for a span without identity',
    run({ propagation }) {
      const context = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };
      demandSame(injected(propagation, context), {}, 'the carrier');
      demandSame(
        injected(propagation, { ...context, traceId: createTraceContext().traceId }),
        {},
        'the carrier',
      );
    },
  },
];

const flagsOnTheWire: readonly (readonly [number, string])[] = [
  [0xff, '-03'],
  [0x10, '-00'],
  [0x84, '-00'],
  [0x105, '-01'],
];

function injected(
  propagation: { inject(context: TraceContext, carrier: Carrier): void },
  context: TraceContext,
): Carrier {
  const carrier: Carrier = {};
  propagation.inject(context, carrier);
  return carrier;
}
