import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTraceEvent } from './encode-trace-event.ts';
import type { TraceEvent } from './trace-event.ts';

const utf8 = new TextEncoder();
const minimal = { trace_id: 'T1', span_id: 'S1', event_type: 'a:b', timestamp: '2026-01-31T12:00:00Z' };

function dataOf(data: unknown, maxDataBytes?: number): Readonly<Record<string, unknown>> {
  const { event } = encodeTraceEvent({ ...minimal, data }, { maxDataBytes });
  return event?.data ?? {};
}

function bytesOf(value: unknown): number {
  return utf8.encode(JSON.stringify(value)).length;
}

describe('encodeTraceEvent', () => {
  it('keeps plain data as it is', () => {
    const event: TraceEvent = {
      ...minimal,
      parent_span_id: 'S0',
      status: 'success',
      data: { list: [1, 'two', null, { three: true }], attempt: 2, attributes: { 'a.b': 1.5 } },
      tags: ['x'],
      event_id: 'E1',
      source: 'host:1',
      seq: 7,
    };
    expect(encodeTraceEvent(event)).toEqual({ event });
  });

  it('gives an id that depends on the content alone', () => {
    const { event: first } = encodeTraceEvent({ ...minimal, data: { a: 1, b: 2 } });
    const { event: second } = encodeTraceEvent({ ...minimal, data: { b: 2, a: 1 } });
    expect(first?.event_id).toMatch(/^[\da-f]{32}$/);
    expect(second?.event_id).toBe(first?.event_id);
  });

  it('shares nothing with what it was given', () => {
    const data = { list: [1], attributes: { a: 1 } };
    const { event } = encodeTraceEvent({ ...minimal, data });
    data.list.push(2);
    data.attributes.a = 2;
    expect(event?.data).toEqual({ list: [1], attributes: { a: 1 } });
  });

  it('is frozen to its leaves', () => {
    const list = dataOf({ list: [{ a: 1 }] }).list as readonly unknown[];
    expect(Object.isFrozen(list[0])).toBe(true);
  });

  it('gives back as it is what it made before', () => {
    const { event } = encodeTraceEvent(minimal);
    expect(encodeTraceEvent(event).event).toBe(event);
  });

  it('changes nothing when it reads its own JSON', () => {
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (data) => {
        const { event } = encodeTraceEvent({ ...minimal, data });
        const text = JSON.stringify(event);
        expect(JSON.stringify(encodeTraceEvent(JSON.parse(text)).event)).toBe(text);
      }),
    );
  });

  it('is total: anything gives an event whose JSON can be written and is within the cap, or a reason', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 4, withProxy: true, withBigInt: true } as object), (data) => {
        const { event, reason } = encodeTraceEvent({ ...minimal, data }, { maxDataBytes: 256 });
        expect(reason).toBeUndefined();
        expect(bytesOf(event?.data ?? {})).toBeLessThanOrEqual(256);
      }),
    );
  });

  it.each([
    [undefined, 'the event is not an object'],
    ['T1', 'the event is not an object'],
    [{}, 'trace_id is missing'],
    [{ trace_id: '' }, 'trace_id is missing'],
    [{ trace_id: 'T1', span_id: 7 }, 'span_id is not a text of at most 1024 characters'],
    [{ ...minimal, event_type: 'x'.repeat(1025) }, 'event_type is not a text of at most 1024 characters'],
  ])('answers %j with a reason', (value, reason) => {
    expect(encodeTraceEvent(value)).toEqual({ reason });
  });

  it('answers a proxy that throws with a reason', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(encodeTraceEvent(proxy)).toEqual({ reason: 'the event cannot be read' });
  });
});

describe('data of an encoded event', () => {
  it('marks a cycle', () => {
    const data: Record<string, unknown> = { a: 1 };
    data.self = data;
    expect(dataOf({ data })).toEqual({ data: { a: 1, self: '[circular]' } });
  });

  it('tells the same object twice when it is no cycle', () => {
    const shared = { a: 1 };
    expect(dataOf({ x: shared, y: shared })).toEqual({ x: { a: 1 }, y: { a: 1 } });
  });

  it('marks what is nested too deep', () => {
    let deep: object = {};
    for (let level = 0; level < 100_000; level++) deep = { deep };
    expect(JSON.stringify(dataOf(deep))).toContain('"deep":"[too deep]"');
  });

  it.each([
    ['a bigint', 12n, '12'],
    ['NaN', Number.NaN, 'NaN'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid date', new Date(Number.NaN), null],
    ['a map', new Map<unknown, unknown>([['k', 1]]), { k: 1 }],
    ['a set', new Set([1, 2]), [1, 2]],
    ['bytes', new Uint8Array(3), '[3 bytes]'],
    ['a URL', new URL('https://h/p'), 'https://h/p'],
    ['toJSON that gives itself', { a: 1, toJSON: selfish }, { a: 1 }],
    ['a function in a list', [() => 1], [null]],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['NUL', 'a\0b', 'a\ufffdb'],
    ['an emoji', '🐘', '🐘'],
  ])('writes %s', (_, value, written) => {
    expect(dataOf({ value })).toEqual({ value: written });
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['what a getter that throws would give', new Proxy({}, { ownKeys: fail })],
    ['what toJSON throws about', { toJSON: fail }],
  ])('leaves out %s', (_, value) => {
    expect(dataOf({ kept: 1, value })).toEqual({ kept: 1 });
  });

  it('leaves out the field whose getter throws and keeps its neighbours', () => {
    const data = {
      before: 1,
      get broken() {
        return fail();
      },
      after: 2,
    };
    expect(dataOf(data)).toEqual({ before: 1, after: 2 });
  });

  it('describes errors with their causes and without their stacks', () => {
    const error = new TypeError('outer', { cause: new Error('inner') });
    expect(dataOf({ error })).toEqual({
      error: { type: 'TypeError', message: 'outer', cause: { type: 'Error', message: 'inner' } },
    });
  });

  it('has no __proto__ key, and tells that it was cut', () => {
    const data = JSON.parse('{"__proto__":{"polluted":true},"kept":1}');
    const encoded = dataOf(data);
    expect(encoded).toEqual({ kept: 1, truncated: true });
    expect(Object.getPrototypeOf(encoded)).toBe(Object.prototype);
  });

  it('keeps within 8 KiB of UTF-8 by default', () => {
    const data = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'é'.repeat(300)]));
    expect(bytesOf(dataOf(data))).toBeLessThanOrEqual(8192);
  });

  it('loses the largest user keys first', () => {
    const data = { small: 'x'.repeat(50), large: 'x'.repeat(400), middle: 'x'.repeat(100) };
    expect(Object.keys(dataOf(data, 300)).sort()).toEqual(['middle', 'small', 'truncated']);
  });

  it('keeps reserved keys when user keys go', () => {
    const data = { note: 'x'.repeat(10_000), name: 'charge', error: { type: 'E', message: 'm' }, attempt: 2 };
    expect(dataOf(data)).toEqual({
      name: 'charge',
      error: { type: 'E', message: 'm' },
      attempt: 2,
      truncated: true,
    });
  });

  it('cuts a reserved key that is too large by itself', () => {
    const { error, truncated } = dataOf({ error: { type: 'E', message: 'x'.repeat(100_000) } }) as {
      error: { message: string };
      truncated: boolean;
    };
    expect(error.message).toMatch(/^x{1000,}…$/);
    expect(truncated).toBe(true);
  });

  it('reads no more of a text of 50 MB than it keeps', () => {
    const data = dataOf({ name: 'x', attributes: { note: 'ab'.repeat(25_000_000) } });
    expect(bytesOf(data)).toBeLessThanOrEqual(8192);
  });

  it('reads no more of an endless list than it keeps', () => {
    const list = new Proxy([], { get: (_, key) => (key === 'length' ? 4_294_967_295 : 1) });
    expect(bytesOf(dataOf({ attributes: { list } }))).toBeLessThanOrEqual(8192);
  });
});

function selfish(this: object): object {
  return this;
}

function fail(): never {
  throw new Error('broken on purpose');
}
