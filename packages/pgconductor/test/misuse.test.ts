import { isThroughlineError } from '@throughline/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Conductor, withTrace } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';
import { tracedEngine } from './telemetry/traced-engine.ts';

const nonsense = [
  undefined,
  null,
  0,
  Number.NaN,
  '',
  'text',
  Symbol('s'),
  5n,
  {},
  [],
  () => {},
  new Date(Number.NaN),
];
const anything = fc.oneof(fc.constantFrom<unknown>(...nonsense), fc.anything());
/** Never one that works: it could wait for itself. */
const anOption = fc.constantFrom(
  'runAt',
  'delayMs',
  'priority',
  'dedupeKey',
  'throttle',
  'debounce',
  'trace',
  'relation',
  'sql',
  'other',
);
const someOptions = fc.oneof(
  anything,
  fc.dictionary(anOption, anything, { maxKeys: 3 }),
  fc.record({ throttle: fc.dictionary(fc.constantFrom('windowMs', 'key'), anything) }),
  fc.record({ debounce: fc.dictionary(fc.constantFrom('delayMs', 'key'), anything) }),
);

type Loose = (...given: readonly unknown[]) => Promise<unknown>;
const methods = ['invoke', 'emit', 'schedule', 'unschedule', 'cancel', 'get'] as const;

/** As JavaScript calls it. */
function loosely(conductor: Conductor, method: (typeof methods)[number]): Loose {
  return (conductor[method] as unknown as Loose).bind(conductor);
}

onPostgres('whatever a conductor is given', (use) => {
  it.each([
    ['nobody listens', engine],
    ['somebody listens', tracedEngine],
  ])('it answers, or rejects with an error of its own, where %s', async (_, make) => {
    const { conductor } = make(use);
    await conductor.migrate();
    const invoke = loosely(conductor, 'invoke');
    await fc.assert(
      fc.asyncProperty(anything, someOptions, async (payload, options) => {
        await invoke({ name: 'any' }, payload, options).catch(demandOurs);
        if (typeof options === 'object') await invoke({ name: 'any' }, [options]).catch(demandOurs);
      }),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), fc.array(anything, { maxLength: 3 }), (method, given) =>
        loosely(conductor, method)(...given).then(() => {}, demandOurs),
      ),
      { numRuns: 150 },
    );
  });

  it.each<[string, unknown]>([
    ['sql', {}],
    ['sql', null],
    ['sql', { query: () => {} }],
    ['runAt', new Date(Number.NaN)],
    ['runAt', '2030-01-01'],
    ['runAt', new Date(8.64e15)],
    ['delayMs', Number.NaN],
    ['delayMs', -1],
    ['delayMs', Number.POSITIVE_INFINITY],
    ['delayMs', '5'],
    ['priority', 2 ** 31],
    ['priority', 0.5],
    ['dedupeKey', ''],
    ['dedupeKey', 'x'.repeat(256)],
    ['throttle', {}],
    ['throttle', 1_000],
    ['throttle', { windowMs: 0 }],
    ['throttle', { windowMs: 10, key: '' }],
    ['throttle', { windowMs: 10, kye: 'a' }],
    ['debounce', {}],
    ['debounce', { delayMs: Number.NaN }],
    ['debounce', { windowMs: 10 }],
    ['trace', {}],
    ['trace', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['trace', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }],
    ['relation', 'sibling'],
    ['prio', 1],
  ])('%s: %o is refused, with its name and what to give', async (option, value) => {
    const { conductor } = engine(use, { migrate: false });
    const refused = { code: 'THROUGHLINE_OPTION_INVALID', message: expect.stringMatching(/; give ./) };
    const invoke = loosely(conductor, 'invoke');
    await expect(invoke({ name: 'any' }, 1, { [option]: value })).rejects.toMatchObject({
      ...refused,
      option: expect.stringMatching(`^invoke\\.${option}`),
    });
    if (option !== 'sql')
      await expect(
        invoke({ name: 'any' }, [{ payload: 1 }, { payload: 1, [option]: value }]),
      ).rejects.toMatchObject({
        ...refused,
        option: expect.stringMatching(`^invoke\\[1\\]\\.${option}`),
      });
  });

  it.each<[string, object, string]>([
    ['runAt and delayMs', { runAt: new Date(), delayMs: 5 }, 'invoke.runAt'],
    ['throttle and debounce', { throttle: { windowMs: 5 }, debounce: { delayMs: 5 } }, 'invoke.debounce'],
    ['debounce and dedupeKey', { debounce: { delayMs: 5 }, dedupeKey: 'a' }, 'invoke.debounce'],
    ['debounce and delayMs', { debounce: { delayMs: 5 }, delayMs: 5 }, 'invoke.debounce'],
  ])('%s exclude each other', async (_, options, option) => {
    const { conductor } = engine(use, { migrate: false });
    await expect(loosely(conductor, 'invoke')({ name: 'any' }, 1, options)).rejects.toMatchObject({
      code: 'THROUGHLINE_OPTION_INVALID',
      option,
    });
  });

  it('refuses what is no option, of emit too', async () => {
    const { conductor } = engine(use, { migrate: false });
    const emit = loosely(conductor, 'emit');
    const refused = (option: string) => ({ code: 'THROUGHLINE_OPTION_INVALID', option });
    await expect(emit('done', 1, { sql: {} })).rejects.toMatchObject(refused('emit.sql'));
    await expect(emit('done', 1, { squeal: 1 })).rejects.toMatchObject(refused('emit.squeal'));
    await expect(emit('done', 1, 'sql')).rejects.toMatchObject(refused('emit'));
  });

  it('refuses what is no client, of withTrace too', async () => {
    for (const sql of [undefined, {}, 'postgres://localhost/app'])
      await expect(withTrace(sql as never, undefined, async () => 1)).rejects.toMatchObject({
        code: 'THROUGHLINE_OPTION_INVALID',
        option: 'withTrace.sql',
      });
  });

  it('takes the context of a run that nobody traces', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'job' }, { invocable: true }, async ({ payload }, ctx) => {
      if (payload === 'first') await conductor.invoke({ name: 'job' }, 'second', { trace: ctx.trace });
    });
    await conductor.invoke({ name: 'job' }, 'first');
    await orchestrator({ tasks: [task] }).drain();
    expect(Object.values(await states())).toEqual(['completed', 'completed']);
  });
});

type LooseContext = Readonly<Record<string, Loose>>;
const child = { name: 'child' };
const daily = { name: 'daily', cron: '0 9 * * *' };

onPostgres('whatever the context of a handler is given', (use) => {
  it.each<[string, readonly unknown[], string]>([
    ['step', [], 'step.name'],
    ['step', ['', () => 1], 'step.name'],
    ['step', ['x'.repeat(256), () => 1], 'step.name'],
    ['step', ['a', 'work'], 'step.work'],
    ['sleep', [5], 'sleep.name'],
    ['sleep', ['a'], 'sleep.until'],
    ['sleep', ['a', '5'], 'sleep.until'],
    ['invoke', [child], 'invoke.name'],
    ['invoke', ['a'], 'invoke.task'],
    ['invoke', ['a', 'child'], 'invoke.task'],
    ['invoke', ['a', {}], 'invoke.task.name'],
    ['invoke', ['a', child, 1, null], 'invoke.options'],
    ['invoke', ['a', child, 1, { timeoutMs: 0 }], 'invoke.options.timeoutMs'],
    ['invoke', ['a', child, 1, { priority: Number.NaN }], 'invoke.options.priority'],
    ['invoke', ['a', child, 1, { delayMs: 5 }], 'invoke.options.delayMs'],
    ['waitForEvent', ['a'], 'waitForEvent'],
    ['waitForEvent', ['a', {}], 'waitForEvent.event'],
    ['waitForEvent', ['a', { event: 'b', matching: [] }], 'waitForEvent.matching'],
    ['waitForEvent', ['a', { event: 'b', timeoutMs: '5' }], 'waitForEvent.timeoutMs'],
    ['emit', [], 'emit.event'],
    ['emit', [Symbol('s')], 'emit.event'],
    ['schedule', [], 'schedule.task'],
    ['schedule', [child], 'schedule'],
    ['schedule', [child, { ...daily, cron: 'daily' }], 'schedule.cron'],
    ['schedule', [child, { ...daily, timeZone: 'Mars' }], 'schedule.timeZone'],
    ['unschedule', [child], 'unschedule.schedule'],
    ['cancel', [5], 'cancel.executionId'],
    ['cancel', ['5', { reason: 5 }], 'cancel.reason'],
  ])('%s of %o is refused by its name', async (method, given, option) => {
    const { conductor, orchestrator } = engine(use);
    const refusals: unknown[] = [];
    const task = conductor.createTask({ name: 'job' }, { invocable: true }, async (_, ctx) => {
      const loose = ctx as unknown as LooseContext;
      await loose[method]?.(...given).catch((error: unknown) => refusals.push(error));
    });
    await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(refusals).toMatchObject([{ code: 'THROUGHLINE_OPTION_INVALID', option }]);
  });
});

function demandOurs(error: unknown): void {
  if (!isThroughlineError(error)) throw error;
}
