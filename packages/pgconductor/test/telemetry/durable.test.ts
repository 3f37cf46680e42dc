import { traced } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { onPostgres } from '../on-postgres.ts';
import { tracedEngine } from './traced-engine.ts';

const invocable = { invocable: true } as const;
const atOnce = { type: 'fixed', delayMs: 0 } as const;

onPostgres('a step', (use) => {
  it('has a span inside that of the run where its work is done, and none where its result was kept', async () => {
    const { conductor, orchestrator, span, spans, telemetry } = tracedEngine(use);
    let active: string | undefined;
    const mail = conductor.createTask({ name: 'mail', backoff: atOnce }, invocable, async (_, ctx) => {
      await ctx.step('render', () => {
        active = telemetry.activeContext()?.spanId;
      });
      if (ctx.attempt === 1) throw new Error('busy');
    });
    await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();

    const step = span('step render');
    expect(step).toMatchObject({ kind: 'internal', outcome: 'ok' });
    expect(step.parent?.spanId).toBe(spans('process mail')[0]?.context.spanId);
    expect(active).toBe(step.context.spanId);
    const measured = (name: string): number =>
      telemetry.measurements.filter((one) => one.name === name).length;
    expect(measured('pgconductor.step.duration')).toBe(1);
    expect(measured('pgconductor.step.memo_hits')).toBe(1);
  });

  it('that fails says so, with its very error', async () => {
    const { conductor, orchestrator, span } = tracedEngine(use);
    const error = new RangeError('no paper');
    const mail = conductor.createTask({ name: 'mail', maxAttempts: 1 }, invocable, async (_, ctx) => {
      await ctx.step('print', () => {
        throw error;
      });
    });
    await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();

    expect(span('step print').outcome).toBe('error');
    expect(span('step print').error).toBe(error);
  });
});

onPostgres('a run that sleeps', (use) => {
  it('ends as waiting, and the next run is linked to it', async () => {
    const { conductor, orchestrator, reached, quiet, spans } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail' }, invocable, async (_, ctx) => {
      await ctx.sleep('a while', 30);
    });
    const id = await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).start();
    await reached(id, 'completed');
    await quiet();

    const [asleep, awake] = spans('process mail');
    expect([asleep?.outcome, awake?.outcome]).toEqual(['waiting', 'ok']);
    expect(awake?.links).toMatchObject([
      { relation: 'continues', context: { spanId: asleep?.context.spanId } },
    ]);
  });
});

onPostgres('a child', (use) => {
  it('is invoked inside its parent, and runs in the trace of that', async () => {
    const { conductor, orchestrator, reached, quiet, span, spans } = tracedEngine(use);
    const child = conductor.createTask({ name: 'child' }, invocable, async () => 'done');
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      await Promise.all([
        ctx.invoke('one', { name: 'child' } as never),
        ctx.invoke('two', { name: 'child' } as never),
      ]);
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [child, parent] }).start();
    await reached(id, 'completed');
    await quiet();

    const [waiting, resumed] = spans('process parent');
    const invokes = spans('invoke child');
    expect([waiting?.outcome, resumed?.outcome]).toEqual(['waiting', 'ok']);
    expect(invokes.map(({ parent: of }) => of?.spanId)).toEqual([
      waiting?.context.spanId,
      waiting?.context.spanId,
    ]);
    expect(new Set(spans('process child').map(({ parent: of }) => of?.spanId))).toEqual(
      new Set(invokes.map(({ context }) => context.spanId)),
    );
    expect(span('send parent').context.traceId).toBe(spans('process child')[0]?.context.traceId);
    const executionOf = (below: string) =>
      spans('process child').find(({ parent: of }) => of?.spanId === below)?.entity?.id;
    expect(
      invokes.map(({ entity, attributes }) => [entity?.id, attributes['pgconductor.execution_id']]),
    ).toEqual(invokes.map(({ context }) => [executionOf(context.spanId), executionOf(context.spanId)]));
  });
});

onPostgres('an event', (use) => {
  it('has a span, and what it triggers is below that', async () => {
    const { conductor, orchestrator, telemetry, span } = tracedEngine(use);
    const greet = conductor.createTask({ name: 'greet' }, { event: 'user.created' }, async () => {});
    await orchestrator({ tasks: [greet] }).drain();
    const request = await traced(telemetry, 'POST /users', async ({ context }) => {
      await conductor.emit('user.created', { id: 1 });
      return context;
    });
    await orchestrator({ tasks: [greet] }).drain();

    const [emit, process] = [span('emit user.created'), span('process greet')];
    expect([emit.kind, emit.parent?.spanId]).toEqual(['producer', request.spanId]);
    expect(process.parent?.spanId).toBe(emit.context.spanId);
    expect(process.attributes).toMatchObject({
      'pgconductor.trigger': 'event',
      'pgconductor.trigger.name': 'user.created',
    });
  });
});

onPostgres('an occurrence of a schedule', (use) => {
  it('is a trace of its own, which says when it was due and how late it is', async () => {
    const { conductor, orchestrator, spans, telemetry } = tracedEngine(use);
    const tick = conductor.createTask(
      { name: 'tick' },
      { cron: '* * * * * *', name: 'secondly' },
      async () => {},
    );
    await traced(telemetry, 'start', () => orchestrator({ tasks: [tick] }).start());
    await waitFor(() => spans('process tick').length > 1, { what: 'two ticks', timeoutMs: 10_000 });

    const runs = spans('process tick');
    expect(runs[0]?.parent).toBeUndefined();
    expect(runs[0]?.context.traceId).not.toBe(runs[1]?.context.traceId);
    expect(runs[0]?.attributes).toMatchObject({
      'pgconductor.trigger': 'cron',
      'pgconductor.trigger.name': 'secondly',
      'pgconductor.due_at': expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const lags = telemetry.measurements.filter(({ name }) => name === 'pgconductor.cron.lag');
    expect(lags.length).toBeGreaterThan(0);
    expect(lags.every(({ value }) => value >= 0)).toBe(true);
  });
});

onPostgres('a batch', (use) => {
  it('is one span of its own trace, linked to each sender, and counts how its members ended', async () => {
    const { conductor, orchestrator, span, spans, telemetry } = tracedEngine(use);
    const mail = conductor.createTask(
      { name: 'mail', maxAttempts: 1, batch: { size: 3, timeoutMs: 1_000 } },
      invocable,
      async (events) => events.map(({ payload }) => (payload === 2 ? new Error('busy') : payload)),
    );
    for (const payload of [1, 2, 3]) await conductor.invoke({ name: 'mail' }, payload as never);
    await orchestrator({ tasks: [mail] }).drain();

    const batch = span('process mail');
    expect(batch).toMatchObject({ kind: 'consumer', parent: undefined, outcome: 'error' });
    expect(batch.links.map(({ relation, context }) => [relation, context.spanId])).toEqual(
      spans('send mail').map(({ context }) => ['batch', context.spanId]),
    );
    expect(batch.attributes).toMatchObject({
      'messaging.batch.message_count': 3,
      'pgconductor.batch.ok': 2,
      'pgconductor.batch.error': 1,
    });
    const statuses = telemetry.events
      .filter(({ kind }) => kind === 'worker.execution')
      .map(({ event }) => Reflect.get(event, 'status'));
    expect(statuses.sort()).toEqual(['completed', 'completed', 'permanently_failed']);
  });
});

onPostgres('a cancellation', (use) => {
  it('has a span that says what came of it', async () => {
    const { conductor, span } = tracedEngine(use);
    const id = await conductor.invoke({ name: 'mail' });
    await conductor.cancel(id ?? '');

    expect(span('cancel')).toMatchObject({
      outcome: 'ok',
      attributes: { 'pgconductor.cancel': 'canceled', 'pgconductor.execution_id': id },
    });
  });
});
