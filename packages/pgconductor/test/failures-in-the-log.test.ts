import { createTraceContext, traceFields } from '@throughline/core';
import { expect, it, vi } from 'vitest';
import { type LogFields, type Logger, NonRetryableError } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';
import { tracedEngine } from './telemetry/traced-engine.ts';

const invocable = { invocable: true } as const;
const again = 'pgconductor: an execution has failed and will be tried again';
const forGood = 'pgconductor: an execution has failed for good';

type Line = readonly [level: 'warn' | 'error', message: string, fields: LogFields | undefined];

function noting(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = [];
  const write = (level: Line[0]) => (message: string, fields?: LogFields) =>
    void lines.push([level, message, fields]);
  return { logger: { debug() {}, info() {}, warn: write('warn'), error: write('error') }, lines };
}

onPostgres('a run that fails', (use) => {
  it('is told to the logger, each time, and what becomes of it', async () => {
    const { logger, lines } = noting();
    const { conductor, orchestrator } = engine(use, { logger });
    const problem = new TypeError('broken');
    const backoff = [0, 3_600_000];
    const task = conductor.createTask({ name: 'job', maxAttempts: 3, backoff }, invocable, () => {
      throw problem;
    });
    const id = await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    const nextAt = (await conductor.get(String(id)))?.runAt;
    const common = { task: 'job', executionId: id, maxAttempts: 3, error: problem };
    expect(lines).toEqual([
      ['warn', again, { ...common, attempt: 1, failures: 1, nextAt: expect.any(Date) }],
      ['warn', again, { ...common, attempt: 2, failures: 2, nextAt }],
    ]);
    expect(lines[0]?.[2]?.error).toBe(problem);
  });

  it('is told as an error when it has failed for good', async () => {
    const { logger, lines } = noting();
    const { conductor, orchestrator } = engine(use, { logger });
    const last = conductor.createTask({ name: 'last', maxAttempts: 1 }, invocable, () => {
      throw 'anything';
    });
    const final = conductor.createTask({ name: 'final' }, invocable, () => {
      throw new NonRetryableError('never');
    });
    await conductor.invoke({ name: 'last' });
    await conductor.invoke({ name: 'final' });
    await orchestrator({ tasks: [last, final], concurrency: 1 }).drain();
    expect(lines).toMatchObject([
      ['error', forGood, { task: 'last', attempt: 1, failures: 1, maxAttempts: 1, error: 'anything' }],
      ['error', forGood, { task: 'final', attempt: 1, error: { message: 'never' } }],
    ]);
  });

  it('is told with the ids of its trace, where there is one', async () => {
    const { logger, lines } = noting();
    const { conductor, orchestrator } = tracedEngine(use, { logger });
    const contexts: unknown[] = [];
    const task = conductor.createTask({ name: 'job', maxAttempts: 1 }, invocable, (_, ctx) => {
      contexts.push(traceFields(ctx.trace));
      throw new Error('broken');
    });
    await conductor.invoke({ name: 'job' }, undefined, { trace: createTraceContext() });
    await orchestrator({ tasks: [task] }).drain();
    expect(lines).toMatchObject([['error', forGood, contexts[0]]]);
  });

  it('of a batch is told for each of its executions', async () => {
    const { logger, lines } = noting();
    const { conductor, orchestrator, invokeEach } = engine(use, { logger });
    const task = conductor.createTask(
      { name: 'job', maxAttempts: 1, batch: { size: 3, timeoutMs: 0 } },
      invocable,
      (events) => events.map(({ payload }) => (payload === 2 ? undefined : new Error(`broken ${payload}`))),
    );
    const ids = await invokeEach('job', [1, 2, 3]);
    await orchestrator({ tasks: [task] }).drain();
    expect(lines.map(([level, , fields]) => [level, fields?.executionId])).toEqual([
      ['error', ids[0]],
      ['error', ids[2]],
    ]);
  });

  it('that the database refuses to keep is told once, with what it said', async () => {
    const { logger, lines } = noting();
    const { conductor, orchestrator, schema } = engine(use, { logger });
    await conductor.migrate();
    await use.sql`alter table ${use.sql(schema)}.history add constraint picky check (result is null)`;
    const task = conductor.createTask({ name: 'job' }, invocable, () => 7);
    await conductor.invoke({ name: 'job' });
    await orchestrator({ tasks: [task] }).drain();
    expect(lines).toMatchObject([
      ['error', forGood, { error: { message: expect.stringContaining('picky') } }],
    ]);
  });

  it('ends as it would, whatever the logger throws', async () => {
    vi.spyOn(console, 'error').mockImplementationOnce(() => {});
    const { conductor, orchestrator, states, invokeEach } = engine(use, {
      logger: { debug() {}, info() {}, warn: JSON.parse as never, error: JSON.parse as never },
    });
    const task = conductor.createTask(
      { name: 'job', maxAttempts: 2, backoff: [0] },
      invocable,
      ({ payload }, ctx) => {
        if (payload === 'broken' || ctx.attempt === 1) throw new Error('broken');
      },
    );
    const ids = await invokeEach('job', ['broken', 'flaky']);
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({ [String(ids[0])]: 'failed', [String(ids[1])]: 'completed' });
  });
});

onPostgres('a run that does not fail', (use) => {
  it('is told to nobody, however it ends', async () => {
    const { logger, lines } = noting();
    const { conductor, orchestrator, invokeEach, states, reached } = engine(use, { logger });
    const aborted = (signal: AbortSignal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    let begun = 0;
    const task = conductor.createTask({ name: 'job' }, invocable, async ({ payload }, ctx) => {
      if (payload === 'sleeps') await ctx.sleep('long', 3_600_000);
      if (payload === 'completes') return;
      begun += 1;
      if (payload === 'cancelled')
        await Promise.all([aborted(ctx.signal), conductor.cancel(ctx.executionId)]);
      else await aborted(ctx.signal);
    });
    const ids = await invokeEach('job', ['completes', 'sleeps', 'cancelled', 'released']);
    const worker = orchestrator({ tasks: [task] });
    await worker.start();
    await reached(ids[2] ?? '', 'canceled');
    await expect.poll(() => begun).toBe(2);
    await worker.stop({ graceMs: 0 });
    expect(Object.values(await states()).sort()).toEqual(['canceled', 'completed', 'ready', 'sleeping']);
    expect(lines).toEqual([]);
  });
});
