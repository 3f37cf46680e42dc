import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Carrier,
  extractTraceContext,
  formatCarrier,
  injectTraceContext,
  readCarrier,
} from './carrier.ts';
import { w3cPropagation } from './propagation.ts';
import type { TraceContext } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;
const other = `00-${'1'.repeat(32)}-${spanId}-01`;
const context: TraceContext = { traceId, spanId, traceFlags: 1, isRemote: true };

const throwing = (): never => {
  throw new Error('hostile');
};

describe('extractTraceContext', () => {
  it('marks what it found as remote', () => {
    expect(extractTraceContext({ traceparent })?.isRemote).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a carrier', { traceparent }],
    ['a carrier without prototype', Object.assign(Object.create(null), { traceparent })],
    ['a header object', { host: 'example.org', traceparent, accept: '*/*' }],
    ['a header object in other case', { TraceParent: traceparent }],
    ['a header object in mixed case', { TrAcEpArEnT: traceparent }],
    ['a header object with arrays', { traceparent: [traceparent] }],
    ['a header object with empty fields', { traceparent, tracestate: undefined, baggage: null }],
    [
      'header pairs',
      [
        ['Host', 'x'],
        ['Traceparent', traceparent],
      ],
    ],
    ['header pairs among nonsense', [['Host'], [], null, 7, ['TRACEPARENT', traceparent], [{}, 'x']]],
    ["Node's rawHeaders", ['Host', 'x', 'Traceparent', traceparent]],
    ["Node's rawHeaders, cut short", ['Traceparent', traceparent, 'Host']],
    ['a Headers object', new Headers({ traceparent })],
    ['a Map', new Map([['traceparent', traceparent]])],
    [
      'an object with a get method of its own',
      { get: (name: string) => (name === 'traceparent' ? traceparent : null) },
    ],
    ['JSON text', `{"traceparent":"${traceparent}"}`],
    ['JSON text with blanks', ` { "traceparent" : "${traceparent}" } `],
    ['JSON text with escapes', `{"trace\\u0070arent":"${traceparent.replace('0', '\\u0030')}"}`],
    ['JSON text of header pairs', `[["traceparent","${traceparent}"]]`],
    ['JSON text of a frozen foreign carrier', JSON.stringify({ v: 1, traceparent, 'x-vendor': { a: [1] } })],
  ])('reads %s', (_, input) => {
    expect(extractTraceContext(input)).toEqual(context);
  });

  it('reads a frozen object', () => {
    expect(extractTraceContext(Object.freeze({ traceparent }))).toEqual(context);
  });

  it('changes nothing in what it reads', () => {
    const headers = { traceparent: [traceparent], tracestate: ['a=1', 'b=2'] };
    extractTraceContext(headers);
    expect(headers).toEqual({ traceparent: [traceparent], tracestate: ['a=1', 'b=2'] });
  });
});

describe('readCarrier', () => {
  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'absent'],
    ['null', null, 'absent'],
    ['the empty string', '', 'absent'],
    ['a number', 5, 'not_a_carrier'],
    ['a bigint', 5n, 'not_a_carrier'],
    ['a boolean', true, 'not_a_carrier'],
    ['a symbol', Symbol('x'), 'not_a_carrier'],
    ['a function', () => ({ traceparent }), 'not_a_carrier'],
    ['bytes', new TextEncoder().encode(`{"traceparent":"${traceparent}"}`), 'not_a_carrier'],
    ['a boxed string', new String(`{"traceparent":"${traceparent}"}`), 'not_a_carrier'],
    ['JSON text of null', 'null', 'not_a_carrier'],
    ['JSON text of text', JSON.stringify(`{"traceparent":"${traceparent}"}`), 'not_a_carrier'],
    ['a bare traceparent', traceparent, 'invalid_json'],
    ['text that is not JSON', '{not json', 'invalid_json'],
    ['deeply nested JSON text', '['.repeat(30_000), 'invalid_json'],
    ['JSON text above 32 KiB', `{"x":"${'x'.repeat(32_768)}"}`, 'too_large'],
    ['a list of more than 4,096 entries', Array.from({ length: 4097 }, () => ['a', 'b']), 'too_large'],
    ['a list that only says it is long', new Array(4_000_000_000), 'too_large'],
    [
      'a getter that throws',
      {
        get traceparent() {
          return throwing();
        },
      },
      'unreadable',
    ],
    ['a get method that throws', { get: throwing }, 'unreadable'],
    ['a proxy that throws', new Proxy({}, { ownKeys: throwing, get: throwing, has: throwing }), 'unreadable'],
    ['a revoked proxy', revokedProxy(), 'unreadable'],
    ['a proxy whose prototypes never end', endlessPrototypes(), 'traceparent_missing'],
    ['a list that lies about its length', lyingList(), 'too_large'],
    ['an empty object', {}, 'traceparent_missing'],
    ['an empty list', [], 'traceparent_missing'],
    ['a date', new Date(), 'traceparent_missing'],
    ['a Headers object without one', new Headers(), 'traceparent_missing'],
    ['wrong names', { 'trace-parent': traceparent, 'trace.parent': traceparent }, 'traceparent_missing'],
    ['an empty list of values', { traceparent: [] }, 'traceparent_missing'],
    ['null for a value', { traceparent: null }, 'traceparent_missing'],
    ['an inherited traceparent', Object.create({ traceparent }), 'traceparent_missing'],
    ['a tracestate alone', { tracestate: 'a=1' }, 'traceparent_missing'],
    ['a value that is no text', { traceparent: 5 }, 'traceparent_malformed'],
    [
      'a value that only prints as text',
      { traceparent: { toString: () => traceparent } },
      'traceparent_malformed',
    ],
    ['a nested list of values', { traceparent: [[traceparent]] }, 'traceparent_malformed'],
    ['an empty value', { traceparent: '' }, 'traceparent_malformed'],
    ['a promise of a value', { get: async () => traceparent }, 'traceparent_malformed'],
    ['a list of two values', { traceparent: [traceparent, other] }, 'traceparent_duplicated'],
    ['a list of two equal values', { traceparent: [traceparent, traceparent] }, 'traceparent_duplicated'],
    ['two spellings of the name', { traceparent, TraceParent: other }, 'traceparent_duplicated'],
    ['two spellings, the other first', { TraceParent: other, traceparent }, 'traceparent_duplicated'],
    [
      'two pairs',
      [
        ['traceparent', traceparent],
        ['Traceparent', other],
      ],
      'traceparent_duplicated',
    ],
    ['two raw headers', ['traceparent', traceparent, 'traceparent', other], 'traceparent_duplicated'],
    ['a joined value', { traceparent: `${traceparent}, ${other}` }, 'traceparent_duplicated'],
    [
      'a Headers object with two',
      new Headers([
        ['traceparent', traceparent],
        ['traceparent', other],
      ]),
      'traceparent_duplicated',
    ],
    [
      'two values of a higher version',
      { traceparent: ['cc', 'cd'].map((v) => `${v}${traceparent.slice(2)}-x`) },
      'traceparent_duplicated',
    ],
    ['two values, one no text', { traceparent: [traceparent, 5] }, 'traceparent_malformed'],
    [
      'more values than anyone sends',
      { traceparent: Array.from({ length: 65 }, () => traceparent) },
      'traceparent_malformed',
    ],
    ['version ff', { traceparent: `ff${traceparent.slice(2)}` }, 'version_invalid'],
    ['a zero trace id', { traceparent: `00-${'0'.repeat(32)}-${spanId}-01` }, 'id_zero'],
    ['a zero span id in JSON text', `{"traceparent":"00-${traceId}-${'0'.repeat(16)}-01"}`, 'id_zero'],
  ])('answers %s with a reason', (_, input, reason) => {
    expect(readCarrier(input)).toEqual({ context: undefined, reason });
  });

  it('believes own properties only, also when JSON text says __proto__', () => {
    const text = `{"__proto__":{"traceparent":"${traceparent}"}}`;
    expect(readCarrier(text).reason).toBe('traceparent_missing');
    expect(readCarrier(Object.assign({}, JSON.parse(text))).reason).toBe('traceparent_missing');
    expect(Object.hasOwn(Object.prototype, 'traceparent')).toBe(false);
  });

  it('keeps a valid tracestate, cleaned (Trace Context 2 §3.3.1.1)', () => {
    expect(readCarrier({ traceparent, tracestate: ' a=1 ,, b=2' })).toEqual({
      context: { ...context, traceState: 'a=1,b=2' },
    });
  });

  it.each<[string, unknown]>([
    ['values', { traceparent, tracestate: ['foo=1,bar=2', '', 'baz=3'] }],
    [
      'pairs',
      [
        ['tracestate', 'foo=1,bar=2'],
        ['traceparent', traceparent],
        ['TraceState', 'baz=3'],
      ],
    ],
    ['raw headers', ['tracestate', 'foo=1,bar=2', 'traceparent', traceparent, 'tracestate', 'baz=3']],
    [
      'a Headers object',
      new Headers([
        ['tracestate', 'foo=1,bar=2'],
        ['traceparent', traceparent],
        ['tracestate', 'baz=3'],
      ]),
    ],
  ])('combines several tracestate headers in their order: %s (§3.3.1.1)', (_, input) => {
    expect(extractTraceContext(input)?.traceState).toBe('foo=1,bar=2,baz=3');
  });

  it.each(['', ' ', ','])('treats an empty tracestate as none: %j (§3.3.1.1)', (tracestate) => {
    expect(readCarrier({ traceparent, tracestate })).toEqual({ context });
  });

  it.each<[string, unknown, string]>([
    ['a bad member', 'a=1,B=2', 'tracestate_malformed'],
    ['33 members', Array.from({ length: 33 }, (_, i) => `k${i}=v`), 'tracestate_too_many_members'],
    ['more than 32 KiB', ' '.repeat(32_769), 'tracestate_too_large'],
    ['a number', 5, 'tracestate_malformed'],
    ['an object', {}, 'tracestate_malformed'],
    ['a list with a number', ['a=1', 5], 'tracestate_malformed'],
    ['more than 64 values', Array.from({ length: 65 }, () => ''), 'tracestate_malformed'],
  ])('never lets a tracestate void the traceparent: %s (§3.3)', (_, tracestate, reason) => {
    expect(readCarrier({ traceparent, tracestate })).toEqual({ context, traceStateRejected: reason });
  });

  it.each(['parent', 'link'] as const)("tells the producer's wish: %s", (relation) => {
    expect(readCarrier({ traceparent, relation })).toEqual({ context, relation });
  });

  it.each(['auto', '', 5, null, ['link', 'link']])('ignores any other relation: %j', (relation) => {
    expect(readCarrier({ traceparent, relation })).toEqual({ context });
  });

  it('hands over baggage as it came', () => {
    expect(readCarrier({ traceparent, baggage: 'a=1, b=2' })).toEqual({ context, baggage: 'a=1, b=2' });
  });

  it('ignores baggage that is no text', () => {
    expect(readCarrier({ traceparent, baggage: { a: 1 } })).toEqual({ context });
  });

  it('reads text of the fixed shape as JSON.parse would', () => {
    const text = fc
      .record({
        traceparent: fc.constantFrom(
          traceparent,
          other,
          `cc${traceparent.slice(2)}`,
          traceparent.toUpperCase(),
          '',
        ),
        tail: fc.constantFrom(
          '',
          ',"tracestate":"a=1"',
          ',"tracestate":"a=\\u0031"',
          ',"tracestate":"a=1\n"',
          ',"tracestate":"A"',
        ),
        relation: fc.constantFrom(
          '',
          ',"relation":"link"',
          ',"relation":"parent"',
          ',"relation":"auto"',
          ',"traceparent":"x"',
          ',"Relation":"link"',
        ),
        end: fc.constantFrom('}', '} ', '', '}}', ',"x":1}'),
      })
      .map(
        ({ traceparent, tail, relation, end }) => `{"traceparent":"${traceparent}"${tail}${relation}${end}`,
      );
    fc.assert(
      fc.property(text, (text) => {
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          expect(readCarrier(text).reason).toBe('invalid_json');
          return;
        }
        expect(readCarrier(text)).toEqual(readCarrier(parsed));
      }),
      { numRuns: 400 },
    );
  });

  it('answers anything', () => {
    const value = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      key: fc.oneof(
        fc.constantFrom(
          'traceparent',
          'tracestate',
          'TraceState',
          'baggage',
          'relation',
          'get',
          '__proto__',
          'length',
        ),
        fc.string(),
      ),
    });
    fc.assert(
      fc.property(value, (input) => {
        const reading = readCarrier(input);
        expect(reading.context === undefined).toBe(typeof reading.reason === 'string');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('injectTraceContext', () => {
  const injected = (context: TraceContext, carrier: Carrier = {}): Carrier => {
    injectTraceContext(context, carrier);
    return carrier;
  };

  it('writes the traceparent', () => {
    expect(injected(context)).toEqual({ traceparent });
  });

  it('writes the tracestate', () => {
    expect(injected({ ...context, traceState: 'a=1' })).toEqual({ traceparent, tracestate: 'a=1' });
  });

  it('replaces what an earlier context wrote, also a tracestate that the new one does not have', () => {
    expect(injected(context, { traceparent: other, tracestate: 'a=1' })).toStrictEqual({ traceparent });
  });

  it('leaves other fields alone', () => {
    expect(injected(context, { baggage: 'a=1', relation: 'link' })).toEqual({
      traceparent,
      baggage: 'a=1',
      relation: 'link',
    });
  });

  it.each([
    ['trace id', { ...context, traceId: '0'.repeat(32) }],
    ['span id', { ...context, spanId: '0'.repeat(16) }],
  ])('writes nothing for a context whose %s is zero', (_, zero) => {
    expect(injected(zero)).toEqual({});
  });

  it.each([
    ['trace id', { ...context, traceId: `0${traceId.slice(1)}` }],
    ['span id', { ...context, spanId: `0${spanId.slice(1)}` }],
  ])('writes a context whose %s only begins with a zero', (_, nearlyZero) => {
    expect(extractTraceContext(injected(nearlyZero))).toEqual(nearlyZero);
  });
});

describe('formatCarrier', () => {
  it('writes the JSON text of the carrier', () => {
    expect(formatCarrier(context)).toBe(JSON.stringify({ traceparent }));
  });

  it('writes tracestate and relation', () => {
    const traceState = 'a="\\"';
    expect(formatCarrier({ ...context, traceState }, 'link')).toBe(
      JSON.stringify({ traceparent, tracestate: traceState, relation: 'link' }),
    );
  });

  it('writes an empty carrier for a context without identity', () => {
    expect(formatCarrier({ ...context, spanId: '0'.repeat(16) }, 'link')).toBe('{}');
  });

  it('writes what readCarrier reads, on the short way and on the long way', () => {
    const traceState = fc.option(
      fc.constantFrom('a=1', 'a=1,b=2', 'a= b', 'a="x\\y"', `a=${'x'.repeat(256)}`),
      {
        nil: undefined,
      },
    );
    const relation = fc.constantFrom(undefined, 'link' as const, 'parent' as const);
    fc.assert(
      fc.property(traceState, relation, fc.nat(3), (traceState, relation, traceFlags) => {
        const written = { ...context, traceFlags, traceState };
        const text = formatCarrier(written, relation);
        expect(readCarrier(text)).toEqual({ context: written, relation });
        expect(readCarrier(JSON.parse(text))).toEqual({ context: written, relation });
      }),
    );
  });
});

describe('w3cPropagation', () => {
  it('injects and extracts', () => {
    const carrier: Carrier = {};
    w3cPropagation.inject(context, carrier);
    expect(w3cPropagation.extract(carrier)).toEqual(context);
  });

  it('is frozen, because it is shared', () => {
    expect(Object.isFrozen(w3cPropagation)).toBe(true);
  });
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function endlessPrototypes(): object {
  return new Proxy({}, { getPrototypeOf: endlessPrototypes });
}

/** Its length is a list whose text would be four billion commas long. */
function lyingList(): unknown {
  const length = new Array(4_294_967_295);
  return new Proxy([], { get: (list, key) => (key === 'length' ? length : Reflect.get(list, key)) });
}
