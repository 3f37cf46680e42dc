import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { PayloadOf, ReceivedPayloadOf, ResultOf, TypesOf } from './conductor-types.ts';
import { defineTask, type TaskDefinition } from './define-task.ts';
import type { StandardSchema } from './standard-schema.ts';
import { typed } from './typed.ts';
import { type Validation, validatePayload } from './validate-payload.ts';

interface Length extends StandardSchema<string, number> {}
declare const byHand: Length;

const counted = defineTask({ name: 'counted', payload: byHand, returns: typed<Date>() });
const zod = defineTask({
  name: 'zod',
  payload: z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }),
});
const valibot = defineTask({
  name: 'valibot',
  payload: v.object({
    at: v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
  }),
});
const open = defineTask({ name: 'open', queue: 'slow' });

describe('defineTask', () => {
  const tasks = [counted, zod, valibot, open] as const;
  type Types = TypesOf<{ tasks: typeof tasks }>;

  it('knows what is given, and what the handler gets of it', () => {
    expectTypeOf<PayloadOf<Types, 'counted'>>().toEqualTypeOf<string>();
    expectTypeOf<ReceivedPayloadOf<Types, 'counted'>>().toEqualTypeOf<number>();
    expectTypeOf<ResultOf<Types, 'counted'>>().toEqualTypeOf<string>();
  });

  it('reads the schemas of every library', () => {
    expectTypeOf<PayloadOf<Types, 'zod'>>().toEqualTypeOf<{ at: string }>();
    expectTypeOf<ReceivedPayloadOf<Types, 'zod'>>().toEqualTypeOf<{ at: Date }>();
    expectTypeOf<PayloadOf<Types, 'valibot'>>().toEqualTypeOf<{ at: string }>();
    expectTypeOf<ReceivedPayloadOf<Types, 'valibot'>>().toEqualTypeOf<{ at: Date }>();
  });

  it('leaves open what nobody said', () => {
    expectTypeOf<PayloadOf<Types, 'open'>>().toEqualTypeOf<unknown>();
    expectTypeOf<ResultOf<Types, 'open'>>().toEqualTypeOf<unknown>();
  });

  it('keeps the name, and is a definition of any task', () => {
    expectTypeOf(open.name).toEqualTypeOf<'open'>();
    expectTypeOf(zod).toExtend<TaskDefinition>();
    expectTypeOf(counted).toExtend<TaskDefinition>();
  });

  it('takes undefined for nothing, and nothing else that is no schema', () => {
    defineTask({ name: 'a', queue: undefined, payload: undefined, returns: undefined });
    // @ts-expect-error a type is no schema
    defineTask({ name: 'a', payload: String });
    // @ts-expect-error no such option
    defineTask({ name: 'a', retries: 5 });
  });
});

describe('validatePayload', () => {
  it('knows what the schema makes of a value', () => {
    expectTypeOf(validatePayload(zod.payload, {})).toEqualTypeOf<
      Validation<{ at: Date }> | Promise<Validation<{ at: Date }>>
    >();
  });
});
