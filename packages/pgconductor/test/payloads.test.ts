import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, type StandardSchema } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;
const invalid = { name: 'PayloadInvalidError', code: 'THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID' };

const dated = defineTask({
  name: 'dated',
  payload: z.object({
    at: z.iso.datetime().transform((text) => new Date(text)),
    copies: z.number().default(1),
  }),
});
const slow = defineTask({
  name: 'slow',
  payload: z.string().refine(async (text) => text !== 'eve', { message: 'is not let in' }),
});

onPostgres('a payload with a schema', (use) => {
  it('is stored as it was given, and handed on as the schema makes it', async () => {
    const { conductor, orchestrator, row } = engine(use, { tasks: [dated] });
    const seen: unknown[] = [];
    const task = conductor.createTask({ name: 'dated' }, invocable, ({ payload }) => void seen.push(payload));
    const at = '2026-01-31T12:00:00.000Z';
    const id = await conductor.invoke({ name: 'dated' }, { at });
    await orchestrator({ tasks: [task] }).drain();
    expect(seen).toEqual([{ at: new Date(at), copies: 1 }]);
    expect(await row('history', id)).toMatchObject({ payload: { at } });
  });

  it('is refused when it does not fit, and nothing is stored', async () => {
    const { conductor, states } = engine(use, { tasks: [dated] });
    const items = [{ payload: { at: '2026-01-31T12:00:00Z' } }, { payload: { at: 'tomorrow' } }];
    await expect(conductor.invoke({ name: 'dated' }, items)).rejects.toMatchObject({
      ...invalid,
      of: 'dated',
      issues: 'at: Invalid ISO datetime',
    });
    await conductor.migrate();
    expect(await states()).toEqual({});
  });

  it('is refused when it would no longer fit as JSON', async () => {
    const day = defineTask({ name: 'day', payload: z.date() });
    const { conductor } = engine(use, { tasks: [day] });
    await expect(conductor.invoke(day, new Date())).rejects.toMatchObject(invalid);
  });

  it('may be absent where the schema says so', async () => {
    const maybe = defineTask({ name: 'maybe', payload: z.string().optional() });
    const { conductor, orchestrator, states } = engine(use, { tasks: [maybe] });
    const task = conductor.createTask({ name: 'maybe' }, invocable, () => {});
    const id = await conductor.invoke(maybe);
    await expect(conductor.invoke(dated)).rejects.toMatchObject({ code: 'THROUGHLINE_OPTION_INVALID' });
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({ [String(id)]: 'completed' });
  });

  it('waits for a schema that takes its time, on both sides', async () => {
    const { conductor, orchestrator } = engine(use, { tasks: [slow] });
    const seen: unknown[] = [];
    const task = conductor.createTask({ name: 'slow' }, invocable, ({ payload }) => void seen.push(payload));
    await expect(conductor.invoke(slow, 'eve')).rejects.toMatchObject({
      ...invalid,
      issues: 'is not let in',
    });
    await conductor.invoke(slow, 'ada');
    await orchestrator({ tasks: [task] }).drain();
    expect(seen).toEqual(['ada']);
  });

  it('is refused by a schema that throws, without its words', async () => {
    const broken: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'hand',
        validate: (value) => {
          throw new RangeError(`${value}`);
        },
      },
    };
    const { conductor } = engine(use, { tasks: [defineTask({ name: 'broken', payload: broken })] });
    await expect(conductor.invoke({ name: 'broken' }, 'secret')).rejects.toMatchObject({
      ...invalid,
      message: expect.not.stringContaining('secret'),
      issues: 'the schema failed with RangeError',
    });
  });
});

onPostgres('a result with a schema', (use) => {
  it('fails the execution when it does not fit', async () => {
    const counted = defineTask({ name: 'counted', returns: z.number() });
    const { conductor, orchestrator, row } = engine(use, { tasks: [counted] });
    const settings = { name: 'counted', maxAttempts: 1 };
    const task = conductor.createTask(settings, invocable, (() => 'many') as never);
    const id = await conductor.invoke(counted);
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({
      outcome: 'failed',
      error: { type: 'ResultInvalidError', code: 'THROUGHLINE_PGCONDUCTOR_RESULT_INVALID' },
    });
  });

  it('is kept as the handler returned it', async () => {
    const trimmed = defineTask({ name: 'trimmed', returns: z.string().transform((text) => text.trim()) });
    const { conductor, orchestrator, row } = engine(use, { tasks: [trimmed] });
    const task = conductor.createTask({ name: 'trimmed' }, invocable, () => ' a ');
    const id = await conductor.invoke(trimmed);
    await orchestrator({ tasks: [task] }).drain();
    expect(await row('history', id)).toMatchObject({ outcome: 'completed', result: ' a ' });
  });
});
