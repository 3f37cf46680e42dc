import { describe, expect, it } from 'vitest';
import { CombineTwoIdentitiesError } from './combine-two-identities-error.ts';
import { OptionInvalidError } from './option-invalid-error.ts';
import { TelemetryInvalidError } from './telemetry-invalid-error.ts';
import { isThroughlineError, ThroughlineError } from './throughline-error.ts';

const one = new OptionInvalidError('Queue.limit', -1, 'a positive integer');

describe('ThroughlineError', () => {
  it.each([
    one,
    new TelemetryInvalidError('telemetry', 'is 5', 'a telemetry'),
    new CombineTwoIdentitiesError(1),
  ])('has the name of its class without reading it: $name', (error) => {
    expect(error.name).toBe(error.constructor.name);
    expect(error.stack).toContain(`${error.constructor.name}: ${error.message}`);
  });

  it('keeps the cause', () => {
    const cause = new Error('below');
    expect(new ThroughlineError('THROUGHLINE_TEST', 'above', { cause }).cause).toBe(cause);
  });

  it('shows nothing but its fields when printed', () => {
    expect(
      Reflect.ownKeys(one).filter((key) => Object.prototype.propertyIsEnumerable.call(one, key)),
    ).toEqual(['code', 'option']);
  });
});

describe('isThroughlineError', () => {
  it('recognises an error, and its code', () => {
    expect(isThroughlineError(one)).toBe(true);
    expect(isThroughlineError(one, 'THROUGHLINE_OPTION_INVALID')).toBe(true);
    expect(isThroughlineError(one, 'THROUGHLINE_STORE_FULL')).toBe(false);
  });

  it('recognises an error of another copy of the package', () => {
    const foreign = Object.defineProperty(new Error('x'), Symbol.for('throughline.error.v1'), {
      value: true,
    });
    expect(isThroughlineError(foreign)).toBe(true);
  });

  it.each([undefined, null, 5, 'text', {}, new Error('x')])('does not recognise %o', (value) => {
    expect(isThroughlineError(value)).toBe(false);
  });

  it('does not trip over a proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(isThroughlineError(proxy)).toBe(false);
  });
});

describe('OptionInvalidError', () => {
  it.each([
    [-1, '-1'],
    ['x'.repeat(100), `"${'x'.repeat(60)}…"`],
    [[1, 2], 'an array'],
    [{ secret: 1 }, 'an object'],
    [() => {}, 'a function'],
    [undefined, 'undefined'],
  ])('shows %o as %s', (received, shown) => {
    expect(new OptionInvalidError('limit', received, 'a number').message).toBe(
      `limit is ${shown}; give a number.`,
    );
  });

  it('can be made for a revoked proxy', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(new OptionInvalidError('limit', proxy, 'a number').message).toContain('an object');
  });
});
