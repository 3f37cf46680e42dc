import { runInNewContext } from 'node:vm';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SchemaAnswer, SchemaIssue, StandardSchema } from './standard-schema.ts';
import { typed } from './typed.ts';
import { validatePayload } from './validate-payload.ts';

const mail = z.object({ to: z.string(), copies: z.array(z.object({ to: z.string() })).default([]) });

const madeByHand = <Output>(
  validate: (value: unknown) => SchemaAnswer<Output> | Promise<SchemaAnswer<Output>>,
): StandardSchema<unknown, Output> => ({ '~standard': { version: 1, vendor: 'hand', validate } });

const refusing = (...issues: readonly SchemaIssue[]): StandardSchema => madeByHand(() => ({ issues }));

async function issuesOf(schema: StandardSchema, value: unknown): Promise<string> {
  const validation = await validatePayload(schema, value);
  return validation.isValid ? 'none' : validation.issues;
}

describe('validatePayload', () => {
  it('gives what the schema made of the value', () => {
    expect(validatePayload(mail, { to: 'ada' })).toEqual({ isValid: true, value: { to: 'ada', copies: [] } });
  });

  it('takes any value where there is no schema', () => {
    expect(validatePayload(undefined, 5)).toEqual({ isValid: true, value: 5 });
  });

  it('takes any value for a type alone', () => {
    expect(validatePayload(typed<string>(), 5)).toEqual({ isValid: true, value: 5 });
  });

  it('answers by a promise when the schema does', async () => {
    const late = mail.refine(async ({ to }) => to !== 'eve', { message: 'is not written to' });
    expect(validatePayload(late, { to: 'eve' })).toBeInstanceOf(Promise);
    expect(await issuesOf(late, { to: 'eve' })).toBe('is not written to');
    expect(await validatePayload(late, { to: 'ada' })).toMatchObject({ isValid: true });
  });

  it('waits for a promise of another realm, too', async () => {
    const schema = madeByHand<number>(() => runInNewContext('Promise.resolve({ value: 1 })'));
    expect(await validatePayload(schema, 5)).toEqual({ isValid: true, value: 1 });
  });

  it('tells where a value is wrong', async () => {
    expect(await issuesOf(mail, { to: 'ada', copies: [{}] })).toBe(
      'copies[0].to: Invalid input: expected string, received undefined',
    );
  });

  it('tells a value that is wrong as a whole', async () => {
    expect(await issuesOf(mail, 'ada')).toBe('Invalid input: expected object, received string');
  });

  it('reads paths whose segments are objects', async () => {
    const schema = v.object({ to: v.object({ age: v.number() }) });
    expect(await issuesOf(schema, { to: {} })).toMatch(/^to\.age: /);
  });

  it('tells five issues, and how many more there are', async () => {
    const issues = Array.from({ length: 12 }, (_, index) => ({ message: 'is wrong', path: [`f${index}`] }));
    expect(await issuesOf(refusing(...issues), {})).toBe(
      'f0: is wrong; f1: is wrong; f2: is wrong; f3: is wrong; f4: is wrong; and 7 more',
    );
  });

  it('stays below a thousand characters, on one line', async () => {
    const issue = { message: 'wrong\n'.repeat(10_000), path: Array.from({ length: 5_000 }, () => 'deep') };
    const text = await issuesOf(refusing(...Array.from({ length: 100_000 }, () => issue)), {});
    expect(text.length).toBeLessThanOrEqual(1_000);
    expect(text).not.toContain('\n');
  });

  it.each([
    [
      v.object({ card: v.number() }),
      { card: '4111 1111' },
      'card: Invalid type: Expected number but received …',
    ],
    [v.object({ age: v.string() }), { age: 41 }, 'age: Invalid type: Expected string but received …'],
    [
      v.object({ mail: v.pipe(v.string(), v.email()) }),
      { mail: 'ada(at)x' },
      'mail: Invalid email: Received …',
    ],
    [v.object({ ok: v.literal(true) }), { ok: false }, 'ok: Invalid type: Expected true but received …'],
  ])('replaces what a message quotes of the payload', async (schema, value, text) => {
    expect(await issuesOf(schema, value)).toBe(text);
  });

  it('replaces an unquoted text, too', async () => {
    expect(
      await issuesOf(refusing({ message: 'secret-key is no id', path: ['key'] }), { key: 'secret-key' }),
    ).toBe('key: … is no id');
  });

  it('tells of a schema that throws only the type of the error', async () => {
    const schema = madeByHand(() => {
      throw new TypeError('secret');
    });
    expect(await issuesOf(schema, {})).toBe('the schema failed with TypeError');
  });

  it('tells of a schema that rejects only the type of the error', async () => {
    expect(
      await issuesOf(
        madeByHand(() => Promise.reject(new RangeError('secret'))),
        {},
      ),
    ).toBe('the schema failed with RangeError');
  });

  it.each([[undefined], [null], [{ issues: 5 }], [{ issues: [null] }]])(
    'refuses a value when the schema answers %o',
    async (answer) => {
      expect(
        await issuesOf(
          madeByHand(() => answer as never),
          {},
        ),
      ).toMatch(/^the schema failed/);
      expect(
        await issuesOf(
          madeByHand(() => Promise.resolve(answer as never)),
          {},
        ),
      ).toMatch(/^the schema failed/);
    },
  );

  it('refuses a value for no reason when the schema does', async () => {
    expect(await issuesOf(refusing(), {})).toBe('refused without a reason');
  });

  it('bears a payload that throws when it is looked at', async () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(await issuesOf(refusing({ message: 'is wrong', path: ['a'] }), hostile)).toMatch(
      /^the schema failed/,
    );
  });
});
