import type { SeededRandom } from '../suite/seeded-random.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const explode = (): never => {
  throw new Error('thrown by a carrier');
};

/** Values that are no carrier, made anew at each call. */
export function hostileCarriers(): unknown[] {
  const circular: Record<string, unknown> = { traceparent: TRACEPARENT };
  circular.tracestate = circular;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return [
    ...[
      undefined,
      null,
      true,
      0,
      -0,
      Number.NaN,
      10n,
      Symbol('carrier'),
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '{"a":',
    ],
    ...[() => {}, class {}, Math, new Date(Number.NaN), /x/, new Error('x'), new Set([1]), new WeakMap()],
    ...[Promise.resolve(TRACEPARENT), new Uint8Array(8), new ArrayBuffer(8), Object(TRACEPARENT), Object(5)],
    Object.create(null),
    new Array(4_294_967_295),
    circular,
    proxy,
    {
      get traceparent() {
        return explode();
      },
    },
    { traceparent: { toString: explode, valueOf: explode } },
    { traceparent: [[[TRACEPARENT]]] },
    { traceparent: Symbol('traceparent') },
    { get: explode },
    { get: () => explode },
    { entries: explode, get: explode },
    [[explode, explode], null, [], [TRACEPARENT]],
    new Proxy({}, { get: explode, has: explode, ownKeys: explode, getOwnPropertyDescriptor: explode }),
    new Proxy([], { get: () => Number.POSITIVE_INFINITY }),
    JSON.parse(`{"__proto__":{"traceparent":"${TRACEPARENT}"}}`),
    `{"traceparent":"${'0'.repeat(2_000_000)}"}`,
    ' '.repeat(2_000_000),
    `${'['.repeat(100_000)}`,
    { traceparent: `${TRACEPARENT}${'-'.repeat(2_000_000)}` },
    { traceparent: TRACEPARENT, tracestate: 'a=1,'.repeat(500_000) },
    { traceparent: TRACEPARENT, tracestate: ' '.repeat(2_000_000) },
    Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`header-${i}`, 'x'])),
  ];
}

const SYNTAX = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  ' ',
  '\t',
  '\n',
  '=',
  ';',
  '%',
  '-',
  '0',
  'f',
  '@',
  'é',
  '\u0000',
];

/** A carrier that was fine, until something happened to it. */
export function damagedCarrier(random: SeededRandom): unknown {
  const fields: Record<string, unknown> = { traceparent: damaged(random, TRACEPARENT) };
  if (random.below(2) === 0) fields.tracestate = damaged(random, 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE');
  const forms = [
    () => fields,
    () => JSON.stringify(fields),
    () => damaged(random, JSON.stringify(fields)),
    () => Object.entries(fields),
    () => Object.entries(fields).flat(),
    () => ({ ...fields, traceparent: [fields.traceparent] }),
    () => damaged(random, TRACEPARENT),
  ];
  return random.of(forms)();
}

function damaged(random: SeededRandom, text: string): string {
  const at = random.below(text.length + 1);
  const [head, tail] = [text.slice(0, at), text.slice(at)];
  const kinds = [
    () => text,
    () => head,
    () => tail,
    () => head + random.of(SYNTAX) + tail,
    () => head + random.of(SYNTAX) + tail.slice(1),
    () => `${text},${text}`,
    () => text.toUpperCase(),
    () => `${head}${text}${tail}`,
  ];
  return random.of(kinds)();
}
