import {
  type Carrier,
  createTraceContext,
  isValidTraceContext,
  parseTraceState,
  type TraceContext,
} from '@throughline/core';
import { demand, demandSame, describe } from '../suite/demand.ts';
import { UnmetDemandError } from '../suite/unmet-demand-error.ts';
import { damagedCarrier, hostileCarriers } from './hostile-carriers.ts';
import type { PropagationCase, PropagationWorld } from './propagation-harness.ts';

type Propagation = PropagationWorld['propagation'];

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';
const sound = `00-${trace}-${span}-01`;

/** `extract`: what is believed, in which form, and that nothing breaks it. */
export const extractCases: readonly PropagationCase[] = [
  {
    id: '5a',
    title: 'gives back the context that was injected, as a remote one',
    run({ propagation, random }) {
      for (let i = 0; i < 50; i++) {
        const traceState = random.of([undefined, 'vendor=1', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE']);
        const context = { ...createTraceContext(), traceFlags: random.below(4), traceState };
        const carrier: Carrier = {};
        propagation.inject(context, carrier);
        demandSame(propagation.extract(carrier), { ...context, isRemote: true }, 'what was extracted');
      }
    },
  },
  {
    id: '5b',
    title: 'gives back a tracestate of as many members, and as long, as the standard asks to carry',
    run({ propagation }) {
      const members = Array.from({ length: 32 }, (_, i) => `v${i + 10}=abcdefghij`).join();
      for (const traceState of [members, `a=${'x'.repeat(250)},b=${'y'.repeat(250)}`]) {
        const carrier: Carrier = {};
        propagation.inject({ ...createTraceContext(), traceState }, carrier);
        demandSame(propagation.extract(carrier)?.traceState, traceState, 'the tracestate');
      }
    },
  },
  ...formCases(),
  {
    id: '7a',
    title: 'believes no traceparent that the standard forbids',
    run({ propagation }) {
      for (const traceparent of forbidden) {
        const context = propagation.extract({ traceparent });
        demand(context === undefined, `${JSON.stringify(traceparent)} was believed`);
      }
    },
  },
  {
    id: '7b',
    title: 'believes none of several traceparents',
    run({ propagation }) {
      const other = `00-${trace}-${'1'.repeat(16)}-01`;
      const carriers = [
        { traceparent: [sound, other] },
        { traceparent: `${sound},${other}` },
        [
          ['traceparent', sound],
          ['traceparent', other],
        ],
        ['traceparent', sound, 'traceparent', other],
      ];
      for (const carrier of carriers)
        demand(
          propagation.extract(carrier) === undefined,
          `one of two was believed in ${JSON.stringify(carrier)}`,
        );
    },
  },
  {
    id: '7c',
    title: 'believes no traceparent that a carrier inherits',
    run({ propagation }) {
      const context = propagation.extract(Object.create({ traceparent: sound }));
      demand(context === undefined, 'an inherited traceparent was believed');
    },
  },
  {
    id: '8a',
    title: 'reads versions to come by what it knows of them',
    run({ propagation }) {
      for (const traceparent of [`01-${trace}-${span}-01`, `cc-${trace}-${span}-01-what-the-future-brings`]) {
        demandIds(propagation.extract({ traceparent }), traceparent);
      }
    },
  },
  {
    id: '8b',
    title: 'clears flags that it does not know',
    run({ propagation }) {
      for (const [flags, expected] of [
        ['ff', 3],
        ['fe', 2],
        ['09', 1],
        ['80', 0],
      ] as const) {
        const context = propagation.extract({ traceparent: `00-${trace}-${span}-${flags}` });
        demandSame(context?.traceFlags, expected, `the flags read from ${flags}`);
      }
    },
  },
  {
    id: '9',
    title: 'keeps a traceparent whose tracestate cannot be believed, and passes no malformed list on',
    run({ propagation }) {
      const tooMany = Array.from({ length: 33 }, (_, i) => `v${i}=1`).join();
      const lists = [
        'no list',
        'UPPER=1',
        'a=1,b',
        '=1',
        'a=\u0000',
        'a=ü',
        tooMany,
        'x'.repeat(100_000),
        5,
        ['a=1', 7],
      ];
      for (const tracestate of lists) {
        const context = propagation.extract({ traceparent: sound, tracestate });
        demandIds(context, `the traceparent beside ${JSON.stringify(tracestate).slice(0, 60)}`);
        const { traceState } = context ?? {};
        const isSound =
          traceState === undefined ||
          (traceState !== '' && parseTraceState(traceState).members !== undefined);
        demand(isSound, `the malformed list ${JSON.stringify(traceState)?.slice(0, 60)} is passed on`);
      }
    },
  },
  {
    id: '10a',
    title: 'gives a valid context or none for whatever is no carrier',
    run({ propagation }) {
      for (const carrier of hostileCarriers()) demandTotal(propagation, carrier);
    },
  },
  {
    id: '10b',
    title: 'gives a valid context or none for carriers that were damaged',
    run({ propagation, random }) {
      for (let i = 0; i < 3_000; i++) demandTotal(propagation, damagedCarrier(random));
    },
  },
  {
    id: '10c',
    title: 'does not change what it reads',
    run({ propagation }) {
      const carrier = { TraceParent: [sound], tracestate: ' a=1 , b=2 ', baggage: 'a=1', own: { nested: 1 } };
      const before = JSON.stringify(carrier);
      propagation.extract(carrier);
      demandSame(JSON.stringify(carrier), before, 'the carrier afterwards');
      demandIds(propagation.extract(Object.freeze({ traceparent: sound })), 'a frozen carrier');
    },
  },
];

const forbidden: readonly unknown[] = [
  `ff-${trace}-${span}-01`,
  `00-${'0'.repeat(32)}-${span}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${span}-01`,
  `00-${trace}-${span.toUpperCase()}-01`,
  `00-${trace}-${span}-01-more`,
  `00-${trace}-${span}`,
  `00-${trace}-${span}-1`,
  `00-${trace.slice(1)}-${span}-01`,
  `00-${trace}-${span}0-01`,
  `00_${trace}_${span}_01`,
  `0-${trace}-${span}-01`,
  `00-${trace}-${span}-0g`,
  `00-${trace.replace('a', 'g')}-${span}-01`,
  '',
  '00',
  5,
  {},
  null,
];

function formCases(): PropagationCase[] {
  const forms: readonly (readonly [string, () => unknown])[] = [
    ['a carrier', () => ({ traceparent: sound, tracestate: 'a=1' })],
    ['the JSON text of a carrier', () => JSON.stringify({ traceparent: sound, tracestate: 'a=1' })],
    ['headers with names in any case', () => ({ Traceparent: sound, TRACESTATE: 'a=1' })],
    ['headers with lists of values', () => ({ traceparent: [sound], tracestate: ['a=1'] })],
    [
      'pairs of raw headers',
      () => [
        ['TraceParent', sound],
        ['x', 'y'],
        ['tracestate', 'a=1'],
      ],
    ],
    ['flat raw headers', () => ['TraceParent', sound, 'x', 'y', 'tracestate', 'a=1']],
  ];
  return forms.map(([form, make], i) => ({
    id: `6${'abcdef'[i]}`,
    title: `reads ${form}`,
    run({ propagation }) {
      const context = propagation.extract(make());
      demandIds(context, form);
      demandSame(context?.traceState, 'a=1', `the tracestate of ${form}`);
    },
  }));
}

function demandIds(context: TraceContext | undefined, what: string): void {
  demandSame([context?.traceId, context?.spanId], [trace, span], `the ids of ${what}`);
}

function demandTotal(propagation: Propagation, carrier: unknown): void {
  let context: TraceContext | undefined;
  try {
    context = propagation.extract(carrier);
  } catch (error) {
    throw new UnmetDemandError(`extract threw for ${shown(carrier)}: ${describe(error)}`, { cause: error });
  }
  demand(
    context === undefined || isValidTraceContext(context),
    `extract gave no valid context for ${shown(carrier)}`,
  );
}

function shown(carrier: unknown): string {
  try {
    return (JSON.stringify(carrier) ?? typeof carrier).slice(0, 120);
  } catch {
    return `a value of type ${typeof carrier}`;
  }
}
