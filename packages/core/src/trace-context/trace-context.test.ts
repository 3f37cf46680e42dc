import { describe, expect, it } from 'vitest';
import { createTraceContext, isValidTraceContext, type TraceContext } from './trace-context.ts';

const parent: TraceContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 0x03,
  traceState: 'rojo=1',
  isRemote: true,
};

describe('createTraceContext', () => {
  it('makes a valid root without arguments', () => {
    expect(isValidTraceContext(createTraceContext())).toBe(true);
  });

  it('gives a root the sampled and the random flag (Trace Context 2 §3.2.2.5.2)', () => {
    expect(createTraceContext().traceFlags).toBe(0x03);
  });

  it('gives an unsampled root the random flag alone', () => {
    expect(createTraceContext({ sampled: false }).traceFlags).toBe(0x02);
  });

  it('gives every root a trace of its own', () => {
    expect(createTraceContext().traceId).not.toBe(createTraceContext().traceId);
  });

  it('keeps trace id and tracestate of a parent, and gives the child a span id of its own (§3.4)', () => {
    const child = createTraceContext({ parent });
    expect(child).toMatchObject({ traceId: parent.traceId, traceState: 'rojo=1' });
    expect(child.spanId).toMatch(/^(?!b7ad6b7169203331)[\da-f]{16}$/);
  });

  it.each([0x00, 0x01, 0x02, 0x03])('keeps the flags of a parent: %d', (traceFlags) => {
    expect(createTraceContext({ parent: { ...parent, traceFlags } }).traceFlags).toBe(traceFlags);
  });

  it('does not pass on flags that are reserved (§3.2.2.5.3)', () => {
    expect(createTraceContext({ parent: { ...parent, traceFlags: 0xfd } }).traceFlags).toBe(0x01);
  });

  it.each([
    [true, 0x00, 0x01],
    [true, 0x02, 0x03],
    [false, 0x03, 0x02],
    [false, 0x01, 0x00],
  ])('sampled: %s changes that flag alone: %d becomes %d (§3.4)', (sampled, traceFlags, changed) => {
    expect(createTraceContext({ parent: { ...parent, traceFlags }, sampled }).traceFlags).toBe(changed);
  });

  it('makes a local context of a remote parent', () => {
    expect(createTraceContext({ parent }).isRemote).toBeUndefined();
  });

  it.each([null, undefined, {}, { ...parent, spanId: '0'.repeat(16) }, { ...parent, traceId: 'T1' }])(
    'makes a root of a parent that is not valid: %j',
    (invalid) => {
      const context = createTraceContext({ parent: invalid as TraceContext });
      expect(isValidTraceContext(context)).toBe(true);
      expect(context).toMatchObject({ traceFlags: 0x03, traceState: undefined });
      expect(context.traceId).not.toBe(parent.traceId);
    },
  );
});

describe('isValidTraceContext', () => {
  it('accepts what has an identity', () => {
    expect(isValidTraceContext(parent)).toBe(true);
    expect(isValidTraceContext({ traceId: parent.traceId, spanId: parent.spanId, traceFlags: 0 })).toBe(true);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['text', 'x'],
    ['an array', []],
    ['a function', () => parent],
    ['an upper-case trace id', { ...parent, traceId: parent.traceId.toUpperCase() }],
    ['a zero trace id', { ...parent, traceId: '0'.repeat(32) }],
    ['a zero span id', { ...parent, spanId: '0'.repeat(16) }],
    ['a short span id', { ...parent, spanId: 'abc' }],
    ['an id that only prints as one', { ...parent, spanId: { toString: () => parent.spanId } }],
    ['a line feed after the id', { ...parent, spanId: `${parent.spanId}\n` }],
    ['flags that are no number', { ...parent, traceFlags: '01' }],
    ['flags that are no whole number', { ...parent, traceFlags: 0.5 }],
    ['no flags', { ...parent, traceFlags: undefined }],
    ['a tracestate that is not valid', { ...parent, traceState: 'a=1\r\nx: y' }],
    ['a tracestate that is no text', { ...parent, traceState: 5 }],
    [
      'a getter that throws',
      {
        get traceId() {
          throw new Error('no');
        },
      },
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get() {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('refuses %s', (_, value) => {
    expect(isValidTraceContext(value)).toBe(false);
  });
});
