import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { defineTask } from './define-task.ts';
import { typed } from './typed.ts';

const refusal = (option: string) => expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option });

describe('defineTask', () => {
  it('gives the definition, in the default queue', () => {
    const payload = z.string();
    expect(defineTask({ name: 'greet', payload })).toEqual({
      name: 'greet',
      queue: 'default',
      payload,
      returns: undefined,
    });
  });

  it('has nothing to validate for a type alone', () => {
    expect(defineTask({ name: 'greet', payload: typed<string>() }).payload).toBeUndefined();
  });

  it.each(['it\'s "quoted"', 'grüße 👋', 'x'.repeat(64), ' ', 'pg_catalog.now()', 'a\nb'])(
    'takes the name %j',
    (name) => {
      expect(defineTask({ name, queue: name })).toMatchObject({ name, queue: name });
    },
  );

  it.each(['', 'x'.repeat(256), 'a\0b', '\ud800', 'a\udc00b', 5, null, undefined, ['a']])(
    'refuses the name %j',
    (name) => {
      expect(() => defineTask({ name: name as string })).toThrow(refusal('defineTask.name'));
    },
  );

  it('refuses the same names for a queue', () => {
    expect(() => defineTask({ name: 'greet', queue: 'a\0b' })).toThrow(refusal('defineTask.queue'));
  });

  it.each([
    {},
    null,
    5,
    { '~standard': { version: 2, validate: () => ({}) } },
    { '~standard': { version: 1 } },
  ])('refuses %o as a schema', (schema) => {
    expect(() => defineTask({ name: 'greet', payload: schema as never })).toThrow(
      refusal('defineTask.payload'),
    );
    expect(() => defineTask({ name: 'greet', returns: schema as never })).toThrow(
      refusal('defineTask.returns'),
    );
  });

  it('refuses an option that does not exist, and names those that do', () => {
    const options: object = { name: 'greet', payloads: z.string() };
    expect(() => defineTask(options as never)).toThrow(
      /defineTask\.payloads .* name, queue, payload, returns/,
    );
  });

  it.each([undefined, null, 'greet', []])('refuses %o in place of the options', (options) => {
    expect(() => defineTask(options as never)).toThrow(refusal('defineTask'));
  });
});

describe('defineEvent', () => {
  it('gives the definition', () => {
    const payload = z.string();
    expect(defineEvent({ name: 'user.created', payload })).toEqual({ name: 'user.created', payload });
  });

  it.each([
    [{ name: '' }, 'defineEvent.name'],
    [{ name: 'a', payload: 5 }, 'defineEvent.payload'],
    [{ name: 'a', queue: 'b' }, 'defineEvent.queue'],
  ])('refuses %j', (options, option) => {
    expect(() => defineEvent(options as never)).toThrow(refusal(option));
  });
});
