import { describe, expect, it } from 'vitest';
import { OutcomeAttributes } from './outcome-attributes.ts';

const base = { 'messaging.system': 'bullmq' };

class NamedError extends Error {
  constructor(name: string) {
    super('of many names');
    this.name = name;
  }
}

describe('OutcomeAttributes', () => {
  it('adds nothing to a success', () => {
    expect(new OutcomeAttributes(base).of('ok')).toEqual(base);
  });

  it('adds outcome and error type to a failure', () => {
    expect(new OutcomeAttributes(base).of('retry', { error: new RangeError('busy') })).toEqual({
      ...base,
      'throughline.outcome': 'retry',
      'error.type': 'RangeError',
    });
  });

  it('calls a lost lock lost, whatever was thrown', () => {
    const attributes = new OutcomeAttributes(base).of('lost', { error: new Error('Missing lock') });

    expect(attributes).toMatchObject({ 'error.type': 'lost' });
  });

  it('gives the same frozen object for the same combination', () => {
    const sets = new OutcomeAttributes(base);

    expect(sets.of('error', { error: new Error('a') })).toBe(sets.of('error', { error: new Error('b') }));
    expect(Object.isFrozen(sets.of('ok'))).toBe(true);
  });

  it('gives error types past the cap one name', () => {
    const sets = new OutcomeAttributes(base);
    const names = Array.from({ length: 1_000 }, (_, index) => `Error${index}`);

    const made = new Set(names.map((name) => sets.of('error', { error: new NamedError(name) })));

    expect(made.size).toBe(101);
    expect([...made].at(-1)).toMatchObject({ 'error.type': '_OTHER' });
  });

  it('is not changed with what it was made of', () => {
    const given: Record<string, string> = { ...base };
    const sets = new OutcomeAttributes(given);
    given['messaging.system'] = 'other';

    expect(sets.ok).toEqual(base);
  });

  it('names a failure that threw undefined', () => {
    expect(new OutcomeAttributes(base).of('error', { error: undefined })).toMatchObject({
      'error.type': 'undefined',
    });
  });
});
