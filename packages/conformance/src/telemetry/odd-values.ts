import type { Attributes, SpanOptions } from '@throughline/core';

const explode = (): never => {
  throw new Error('thrown by what it was given');
};

/** Values that people throw. */
export function oddErrors(): unknown[] {
  const circular = new Error('circular');
  circular.cause = circular;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return [
    undefined,
    null,
    0,
    '',
    'a text',
    Symbol('thrown'),
    10n,
    Object.create(null),
    [],
    () => {},
    circular,
    Object.freeze(new Error('frozen')),
    Object.defineProperty(new Error('getter'), 'message', { get: explode }),
    Object.defineProperty(new Error('getter'), 'name', { get: explode }),
    { toString: explode, message: 5 },
    new Proxy({}, { get: explode, has: explode, getPrototypeOf: explode, ownKeys: explode }),
    proxy,
    new AggregateError([new Error('one'), circular], 'several'),
    new Error('x'.repeat(200_000)),
  ];
}

export const oddAttributes: readonly Attributes[] = [
  {},
  { undefined: undefined, nan: Number.NaN, infinite: Number.POSITIVE_INFINITY, zero: -0 },
  { '': '', 'a b': 'c', __proto__: 'text', constructor: 'text' },
  { empty: [], texts: ['a', ''], numbers: [1, Number.NaN], flags: [true, false] },
  { long: 'x'.repeat(100_000), nul: '\u0000', half: '\uD800' },
];

export const oddTimes: readonly (number | undefined)[] = [
  undefined,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
  -1,
  0,
  0.25,
  1e20,
];

export const oddNames: readonly string[] = [
  '',
  ' ',
  'a:b:',
  ':',
  'x'.repeat(3_000),
  '\u0000',
  '\uD800',
  '😀',
  '__proto__',
];

/** Options as code without types makes them. */
export const oddOptions: readonly (SpanOptions | undefined)[] = [
  undefined,
  {},
  { kind: undefined, parent: undefined, links: undefined, attributes: undefined, tags: undefined },
  { links: [], tags: [], data: {} },
  { parent: { traceId: '', spanId: '', traceFlags: 0 } },
  { parent: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 } },
  { subject: '', eventType: undefined },
  { entity: { system: '', id: '' } },
  { entity: { system: 's', id: 'x'.repeat(5_000), attempt: Number.NaN, maxAttempts: -1 } },
  { links: [{ context: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 } }] },
  { data: { nested: { deep: [1, null, { a: 'b' }] } }, tags: ['', 'a'] },
];
