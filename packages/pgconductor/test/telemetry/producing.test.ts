import { createTraceContext, noopTelemetry } from '@throughline/core';
import type { RecordedSpan } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import { expect, it, vi } from 'vitest';
import { defineTask, type StandardSchema, type TelemetryOptions } from '../../src/index.ts';
import { engine } from '../engine.ts';
import { onPostgres, type TestPostgres } from '../on-postgres.ts';
import { type TracedEngine, tracedEngine } from './traced-engine.ts';

const invocable = { invocable: true } as const;

async function drain({
  conductor,
  orchestrator,
}: Pick<TracedEngine, 'conductor' | 'orchestrator'>): Promise<void> {
  const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {});
  await orchestrator({ tasks: [mail] }).drain();
}

/** A drain leaves alone what is due later. */
async function allDue({ sql }: TestPostgres, { schema }: TracedEngine): Promise<void> {
  await waitFor(
    async () =>
      (await sql`select from ${sql(schema)}.execution where run_at > clock_timestamp()`).length === 0,
    { what: 'all to be due' },
  );
}

/** How the first run of `mail` stands to what sent it. */
function relationOf({ spans }: TracedEngine): string {
  const [send, run] = [spans('send mail')[0], spans('process mail')[0]];
  if (run?.parent) return run.parent.spanId === send?.context.spanId ? 'parent' : 'another parent';
  const isLinked = run?.links.some(({ context }) => context.spanId === send?.context.spanId);
  const isSaid = run?.attributes['throughline.origin.trace_id'] === send?.context.traceId;
  return isLinked && isSaid ? 'link' : 'nothing';
}

onPostgres('the carrier of an execution', (use) => {
  it('is that of its send span, written with its row', async () => {
    const { conductor, row, span } = tracedEngine(use);
    const id = await conductor.invoke({ name: 'mail' });

    const { traceId, spanId } = span('send mail').context;
    expect((await row('execution', id))?.['trace_context']).toEqual({
      traceparent: `00-${traceId}-${spanId}-03`,
    });
  });

  it('is there when a transaction of the caller commits, and the span says so', async () => {
    const { conductor, row, span } = tracedEngine(use);
    await conductor.migrate();
    let id: string | null = null;
    await use.sql.begin(async (tx) => {
      id = await conductor.invoke({ name: 'mail' }, undefined, { sql: tx as never });
    });

    expect((await row('execution', id))?.['trace_context']).toBeTruthy();
    expect(span('send mail').attributes).toMatchObject({ 'pgconductor.in_transaction': true });
  });

  it('is at most 1 KiB: a long tracestate is left out', async () => {
    const { conductor, row } = tracedEngine(use);
    const traceState = Array.from({ length: 32 }, (_, n) => `vendor${n}=${'x'.repeat(200)}`).join(',');
    const trace = { ...createTraceContext(), traceState };
    const id = await conductor.invoke({ name: 'mail' }, undefined, { trace });

    const carrier = (await row('execution', id))?.['trace_context'];
    expect(Object.keys(carrier as object)).toEqual(['traceparent']);
  });

  it('is replaced with the payload by a dedupe key, and the earlier ones are linked', async () => {
    const traced = tracedEngine(use);
    const { conductor, spans } = traced;
    for (const payload of ['a', 'b', 'c'])
      await conductor.invoke({ name: 'mail' }, payload as never, { dedupeKey: 'one' });
    await drain(traced);

    const [a, b, c] = spans('send mail').map(({ context }) => context.spanId);
    const [run] = spans('process mail');
    expect(run?.parent?.spanId).toBe(c);
    expect(run?.links.map(({ context }) => context.spanId)).toEqual([a, b]);
  });

  it.each([
    ['a dedupe key', { dedupeKey: 'one' }],
    ['a debounce', { debounce: { delayMs: 60_000 } }],
  ])('is told as a replacement where %s had a payload already, of each in a batch', async (_, options) => {
    const { conductor, spans } = tracedEngine(use);
    const id = await conductor.invoke({ name: 'mail' }, 'a' as never, options);
    const ids = await conductor.invoke({ name: 'mail' }, [
      { payload: 'b' },
      { payload: 'c', ...options },
    ] as never);

    expect(ids).toEqual([expect.not.stringMatching(String(id)), id]);
    expect(spans('send mail').map(({ attributes }) => attributes['throughline.reason'])).toEqual([
      undefined,
      undefined,
      'replaced',
    ]);
    expect(spans('send mail').map(({ entity }) => entity?.id)).toEqual([id, ids[0], id]);
  });

  it('replaces what waits for the end of a run of the same key, and tells of that only', async () => {
    const { conductor, orchestrator, reached, spans } = tracedEngine(use);
    let finish = (): void => {};
    const mail = conductor.createTask({ name: 'mail' }, { invocable: true }, () => {
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const invoke = () => conductor.invoke({ name: 'mail' }, undefined, { dedupeKey: 'one' });
    const first = await invoke();
    await orchestrator({ tasks: [mail] }).start();
    await reached(first, 'running');
    expect(await invoke()).toBe(await invoke());
    finish();

    expect(spans('send mail').map(({ attributes }) => attributes['throughline.reason'])).toEqual([
      undefined,
      undefined,
      'replaced',
    ]);
  });

  it('keeps eight earlier ones at most', async () => {
    const traced = tracedEngine(use);
    for (let n = 0; n < 12; n += 1)
      await traced.conductor.invoke({ name: 'mail' }, undefined, { debounce: { delayMs: 1 } });
    await allDue(use, traced);
    await drain(traced);

    expect(traced.spans('process mail')[0]?.links.length).toBeLessThanOrEqual(8);
  });

  it('is not there when the invocation is throttled, and the span says why', async () => {
    const { conductor, spans, states } = tracedEngine(use);
    const throttle = { windowMs: 60_000 };
    for (let n = 0; n < 2; n += 1) await conductor.invoke({ name: 'mail' }, undefined, { throttle });

    const [, throttled] = spans('send mail');
    expect(throttled).toMatchObject({ outcome: 'ok', attributes: { 'throughline.reason': 'throttled' } });
    expect(Object.keys(await states())).toHaveLength(1);
  });

  it('is passed on where there is no telemetry', async () => {
    const { conductor, row } = engine(use, { telemetry: noopTelemetry });
    const trace = createTraceContext();
    const id = await conductor.invoke({ name: 'mail' }, undefined, { trace });

    expect(JSON.stringify((await row('execution', id))?.['trace_context'])).toContain(trace.spanId);
  });
});

onPostgres('an invocation that fails', (use) => {
  it('ends its spans with the very error', async () => {
    const refusing: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) },
    };
    const tasks = [defineTask({ name: 'mail', payload: refusing })];
    const { conductor, span } = tracedEngine(use, { tasks });
    const error: unknown = await conductor
      .invoke({ name: 'mail' }, 1 as never)
      .catch((thrown: unknown) => thrown);

    expect(span('send mail').outcome).toBe('error');
    expect(span('send mail').error).toBe(error);
  });

  it('tells no messages where they are not to be told', async () => {
    const { conductor, span } = tracedEngine(use, { telemetryOptions: { errorMessages: false } });
    await conductor.invoke({ name: 'mail' }, 5n as never).catch(() => {});

    expect(span('send mail').error).toMatchObject({ name: 'ValueUnstorableError', message: '' });
  });
});

async function run(
  use: TestPostgres,
  telemetryOptions: TelemetryOptions,
  invoke: (conductor: TracedEngine['conductor']) => Promise<unknown>,
): Promise<TracedEngine> {
  const traced = tracedEngine(use, { telemetryOptions });
  await invoke(traced.conductor);
  await allDue(use, traced);
  await drain(traced);
  return traced;
}

onPostgres('the relation of an execution to its sender', (use) => {
  const one =
    (options: object = {}) =>
    (conductor: TracedEngine['conductor']) =>
      conductor.invoke({ name: 'mail' }, undefined, options);
  const two = (conductor: TracedEngine['conductor']) => conductor.invoke({ name: 'mail' }, [{}, {}]);

  it.each([
    ['parent for a single one', {}, one(), 'parent'],
    ['link for one of many', {}, two, 'link'],
    ['parent for one of fewer than bulkThreshold', { bulkThreshold: 3 }, two, 'parent'],
    ['link after a delay above delayThresholdMs', { delayThresholdMs: 0 }, one({ delayMs: 1 }), 'link'],
    ['link when the setting says so', { relation: 'link' }, one(), 'link'],
    ['parent when the setting says so', { relation: 'parent' }, two, 'parent'],
    ['what a function of its task says', { relation: () => 'link' as const }, one(), 'link'],
    ['what the invocation says', {}, one({ relation: 'link' }), 'link'],
  ] as const)('is %s', async (_, options, invoke, expected) => {
    const traced = await run(use, options, invoke);

    expect(relationOf(traced)).toBe(expected);
  });

  it('is auto when its function throws, which is counted', async () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const relation = (): never => {
      throw new Error('secret');
    };
    const traced = await run(use, { relation }, one());

    expect(relationOf(traced)).toBe('parent');
    expect(traced.telemetry.health.failures['pgconductor.relation']).toBeGreaterThan(0);
    expect(String(traced.telemetry.health.lastError)).not.toContain('secret');
  });

  it.each([
    ['relation', 'child'],
    ['bulkThreshold', 0],
    ['delayThresholdMs', -1],
    ['errorMessages', 'no'],
    ['depthIntervalMs', 10],
    ['relations', 'auto'],
  ])('is not set by %s: %o', (name, value) => {
    expect(() => tracedEngine(use, { telemetryOptions: { [name]: value } as object })).toThrow(
      expect.objectContaining({ option: `Conductor.telemetryOptions.${name}` }),
    );
  });
});

onPostgres('a carrier that cannot be believed', (use) => {
  it('makes a trace of its own, and is counted', async () => {
    const traced = tracedEngine(use);
    const id = await traced.conductor.invoke({ name: 'mail' });
    await use.sql`update ${use.sql(traced.schema)}.execution set trace_context = '{"traceparent":"00-0-0-00"}',
      last_trace = '"nonsense"', earlier_traces = '{"no":"list"}' where id = ${id}`;
    await drain(traced);

    const [found] = traced.spans('process mail') as [RecordedSpan];
    expect([found.parent, found.links, found.outcome]).toEqual([undefined, [], 'ok']);
  });
});
