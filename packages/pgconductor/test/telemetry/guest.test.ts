import { noopTelemetry, type Telemetry } from '@throughline/core';
import { createHostileTelemetry, createRecordingTelemetry } from '@throughline/core/testing';
import fc from 'fast-check';
import postgres from 'postgres';
import { beforeEach, expect, it, vi } from 'vitest';
import { engine } from '../engine.ts';
import { onPostgres, type TestPostgres } from '../on-postgres.ts';

const invocable = { invocable: true } as const;
const atOnce = { type: 'fixed', delayMs: 0 } as const;

beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue());

/** What one execution does in its first run; in later ones it returns. */
const endings = ['returns', 'throws', 'steps and throws', 'sleeps', 'emits'] as const;
type Ending = (typeof endings)[number];

/** All that an application and a reader of the database can see of a workload, but for times and carriers. */
async function observed(
  use: TestPostgres,
  telemetry: Partial<Telemetry> | undefined,
  workload: readonly Ending[],
): Promise<unknown> {
  const { conductor, invokeEach, orchestrator, schema } = engine(use, { telemetry });
  const runs: string[] = [];
  const errors: boolean[] = [];
  const work = conductor.createTask(
    { name: 'work', backoff: { type: 'fixed', delayMs: 0, jitter: 0 } },
    invocable,
    async (event, ctx) => {
      runs.push(`${ctx.executionId} ${ctx.attempt}`);
      const ending = ctx.attempt === 1 ? (event.payload as Ending) : 'returns';
      if (ending === 'sleeps') await ctx.sleep('a moment', 0);
      if (ending === 'emits') await ctx.emit('worked', { by: ctx.executionId });
      if (ending === 'throws') throw new TypeError(ending);
      if (ending === 'steps and throws') {
        const error = new RangeError(ending);
        await ctx
          .step('fails', () => {
            throw error;
          })
          .catch((thrown: unknown) => errors.push(thrown === error));
        throw error;
      }
      return { ending, step: await ctx.step('kept', () => ending) };
    },
  );
  const ids = await invokeEach('work', workload);
  await orchestrator({ tasks: [work] }).drain();
  const { sql } = use;
  const rows = await sql`select id, attempt, failures, outcome, payload, result, error ->> 'message' as error,
      dedupe_key, trigger, priority from ${sql(schema)}.history order by id`;
  const left = await sql`select id, state from ${sql(schema)}.execution`;
  const events = await sql`select name, payload from ${sql(schema)}.event order by id`;
  return JSON.parse(
    JSON.stringify({ ids, runs: runs.sort(), errors, rows, left, events: events.map(String).length }),
  );
}

const telemetries: readonly (readonly [string, () => Partial<Telemetry>])[] = [
  ['that is off', () => noopTelemetry],
  ['that records', () => createRecordingTelemetry()],
  ['that only measures', () => ({ emitEvent: () => {} })],
  ['whose spans throw', () => createHostileTelemetry('span.end', 'throws')],
  ['that cannot start spans', () => createHostileTelemetry('startSpan', 'throws')],
  ['that runs work twice', () => createHostileTelemetry('span.run', 'runs twice')],
];

onPostgres('with a telemetry', (use) => {
  it.each(telemetries)('%s executions are what they are without', async (_, telemetry) => {
    const workload = [...endings, ...endings];
    expect(await observed(use, telemetry(), workload)).toEqual(await observed(use, undefined, workload));
  });

  it('random workloads are what they are without', async () => {
    const workloads = fc.array(fc.constantFrom(...endings), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(workloads, async (workload) => {
        const traced = await observed(use, createRecordingTelemetry(), workload);
        expect(traced).toEqual(await observed(use, undefined, workload));
      }),
      { numRuns: 3 },
    );
  });

  it('an execution costs no statement more', async () => {
    const sent: number[] = [];
    for (const telemetry of [undefined, createRecordingTelemetry()]) {
      const sql = postgres(use.url, { max: 4, onnotice: () => {} });
      const statements: string[] = [];
      const counting = new Proxy(sql, {
        get: (target, name) => {
          const member = Reflect.get(target, name);
          if (name !== 'unsafe') return member;
          return (text: string, ...rest: []) => {
            statements.push(text);
            return target.unsafe(text, ...rest);
          };
        },
      });
      const { conductor, invokeEach, orchestrator } = engine(use, {
        telemetry,
        sql: counting as never,
      });
      const task = conductor.createTask({ name: 'work' }, invocable, async () => {});
      await conductor.migrate();
      await invokeEach('work', [...Array(100).keys()]);
      await orchestrator({ tasks: [task], concurrency: 100 }).drain();
      sent.push(statements.filter((text) => /\.(enqueue|complete|settle)\(/.test(text)).length);
      await sql.end();
    }
    expect(sent[1]).toBe(sent[0]);
  });
});

onPostgres('no worker sees an execution without its carrier', (use) => {
  it('whichever way it came, while workers claim all the time', async () => {
    const telemetry = createRecordingTelemetry();
    const { conductor, orchestrator, schema } = engine(use, { telemetry });
    const work = conductor.createTask({ name: 'work' }, [invocable, { event: 'worked' }], async () => {});
    await orchestrator({ tasks: [work], pollMs: 10 }).start();
    const payload = undefined as never;
    const calls = [
      () => conductor.invoke({ name: 'work' }),
      () => conductor.invoke({ name: 'work' }, [{}, {}, {}]),
      () => conductor.invoke({ name: 'work' }, payload, { dedupeKey: 'one' }),
      () => conductor.invoke({ name: 'work' }, payload, { debounce: { delayMs: 1 } }),
      () => conductor.invoke({ name: 'work' }, payload, { delayMs: 2 }),
      () => conductor.emit('worked', payload),
    ];
    for (let round = 0; round < 5; round += 1) await Promise.all(calls.map((call) => call()));
    await orchestrator({ tasks: [work], pollMs: 10 }).drain();

    const starts = telemetry.spans.filter(({ name }) => name === 'process work');
    const strays = starts.filter(({ parent, links }) => parent === undefined && links.length === 0);
    const { sql } = use;
    const bare = await sql`select id from ${sql(schema)}.history where trace_context is null
      union all select id from ${sql(schema)}.execution where trace_context is null`;
    expect(starts.length).toBeGreaterThan(0);
    expect(strays).toEqual([]);
    expect(bare).toHaveLength(0);
  });
});

onPostgres('a task that invokes itself without end', (use) => {
  it('makes traces of one execution each with relation link, and each knows where it came from', async () => {
    const telemetry = createRecordingTelemetry();
    const { conductor, orchestrator } = engine(use, { telemetry, telemetryOptions: { relation: 'link' } });
    let runs = 0;
    const work = conductor.createTask({ name: 'work', backoff: atOnce }, invocable, async (_, ctx) => {
      runs += 1;
      if (runs < 20) await conductor.invoke({ name: 'work' }, undefined as never, { trace: ctx.trace });
    });
    await conductor.invoke({ name: 'work' });
    await orchestrator({ tasks: [work] }).drain();

    const perTrace = new Map<string, number>();
    for (const { context } of telemetry.spans)
      perTrace.set(context.traceId, (perTrace.get(context.traceId) ?? 0) + 1);
    const starts = telemetry.spans.filter(({ name }) => name === 'process work');
    expect(starts).toHaveLength(20);
    expect(Math.max(...perTrace.values())).toBe(2);
    expect(starts.every(({ attributes }) => attributes['throughline.origin.trace_id'])).toBe(true);
  });
});
