import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.ts';

class InsufficientFunds extends Error {}

function explode(): never {
  throw new Error('do not touch');
}

describe('describeError', () => {
  it('tells type and message', () => {
    expect(describeError(new TypeError('not a number'))).toEqual({
      type: 'TypeError',
      message: 'not a number',
    });
  });

  it('takes the class for the type where nobody set a name', () => {
    expect(describeError(new InsufficientFunds('5 short')).type).toBe('InsufficientFunds');
  });

  it('prefers a name that was set', () => {
    expect(describeError(Object.assign(new InsufficientFunds(), { name: 'PaymentError' })).type).toBe(
      'PaymentError',
    );
  });

  it('knows a DOMException', () => {
    expect(describeError(new DOMException('stop', 'AbortError'))).toMatchObject({
      type: 'AbortError',
      message: 'stop',
    });
  });

  it.each(['ECONNREFUSED', 42])('keeps the code %o as text', (code) => {
    expect(describeError(Object.assign(new Error('no'), { code })).code).toBe(String(code));
  });

  it('leaves stacks out unless asked for', () => {
    const error = new Error('no');
    expect(describeError(error)).not.toHaveProperty('stack');
    expect(describeError(error, { stack: true }).stack).toContain('describe-error.test');
  });

  it('follows causes', () => {
    const error = new Error('outer', { cause: new TypeError('inner', { cause: 'root' }) });
    expect(describeError(error)).toEqual({
      type: 'Error',
      message: 'outer',
      cause: { type: 'TypeError', message: 'inner', cause: { type: 'string', message: 'root' } },
    });
  });

  it('stops at a cause it has seen', () => {
    const error = new Error('a');
    error.cause = new Error('b', { cause: error });
    expect(describeError(error)).toEqual({
      type: 'Error',
      message: 'a',
      cause: { type: 'Error', message: 'b' },
    });
  });

  it('follows as many causes as it is told', () => {
    let error = new Error('0');
    for (let i = 1; i <= 100_000; i++) error = new Error(String(i), { cause: error });
    expect(JSON.stringify(describeError(error, { maxCauses: 2 })).match(/cause/g)).toHaveLength(2);
  });

  it('describes an AggregateError by its first error', () => {
    expect(describeError(new AggregateError([new Error('one'), new Error('two')]))).toEqual({
      type: 'AggregateError',
      message: 'several errors, the first: one',
      cause: { type: 'Error', message: 'one' },
    });
  });

  it.each([
    [undefined, { type: 'undefined', message: 'undefined' }],
    [null, { type: 'null', message: 'null' }],
    ['text', { type: 'string', message: 'text' }],
    [10n, { type: 'bigint', message: '10' }],
    [Symbol('s'), { type: 'symbol', message: 'Symbol(s)' }],
    [
      { message: 'plain', code: 'E' },
      { type: 'Object', message: 'plain', code: 'E' },
    ],
    [
      { secret: 'x', other: 1 },
      { type: 'Object', message: 'thrown object with the keys: secret, other' },
    ],
    [new Error(''), { type: 'Error', message: '' }],
  ])('describes the thrown value %o', (thrown, described) => {
    expect(describeError(thrown)).toEqual(described);
  });

  it('survives getters that throw', () => {
    const hostile = Object.defineProperties(new Error('x'), {
      name: { get: explode },
      message: { get: explode },
      cause: { get: explode },
      code: { get: explode },
    });
    expect(describeError(hostile, { stack: true }).type).toBe('Error');
  });

  it('survives proxies', () => {
    const throwing = new Proxy({}, { get: explode, ownKeys: explode, getPrototypeOf: explode });
    const endless: unknown = new Proxy(() => {}, { get: () => endless });
    expect(describeError(throwing)).toEqual({ type: 'object', message: 'unreadable' });
    expect(describeError(endless)).toHaveProperty('message');
  });

  it('cuts long messages between characters', () => {
    const { message } = describeError(new Error('😀'.repeat(1_000_000)), { maxMessageLength: 100 });
    expect(message).toBe(`${'😀'.repeat(49)}…`);
  });

  it('gives bounded JSON for anything', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
        (thrown) => {
          const json = JSON.stringify(describeError(thrown, { stack: true }));
          expect(json.length).toBeLessThan(200_000);
        },
      ),
    );
  });
});
