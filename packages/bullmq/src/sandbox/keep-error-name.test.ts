import { describe, expect, it } from 'vitest';
import { keepErrorName } from './keep-error-name.ts';

/** What BullMQ makes of an error on its way out of a sandbox. */
function crossed(error: Error): Record<string, unknown> {
  keepErrorName(error);
  const own = Object.getOwnPropertyNames(error).map((name) => [name, Reflect.get(error, name)]);
  return JSON.parse(JSON.stringify(Object.fromEntries(own)));
}

class PaymentError extends Error {}

describe('keepErrorName', () => {
  it('keeps the class of an error that names itself by its class', () => {
    expect(crossed(new TypeError('no card'))).toMatchObject({ name: 'TypeError', message: 'no card' });
    expect(crossed(new PaymentError('no funds')).name).toBe('PaymentError');
  });

  it('leaves a name that the error brought', () => {
    const error = Object.assign(new PaymentError('no funds'), { name: 'NoFunds' });

    expect(crossed(error).name).toBe('NoFunds');
  });

  it('adds nothing to a plain error', () => {
    expect(crossed(new Error('busy'))).not.toHaveProperty('name');
  });

  it('makes no decision of BullMQ out of a class that happens to be called so', () => {
    class DelayedError extends Error {}

    expect(crossed(new DelayedError('the train was late'))).not.toHaveProperty('name');
  });

  it('leaves an error that cannot be changed', () => {
    const frozen = Object.freeze(new TypeError('no card'));

    expect(() => keepErrorName(frozen)).not.toThrow();
  });

  it('leaves what is no error', () => {
    expect(() => keepErrorName('busy')).not.toThrow();
    expect(() => keepErrorName(undefined)).not.toThrow();
  });
});
