import { traced } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import type postgres from 'postgres';
import { expect, it } from 'vitest';
import { NonRetryableError, type Orchestrator, type TaskContext } from '../../src/index.ts';
import { onPostgres } from '../on-postgres.ts';
import { withUnsafe } from '../with-unsafe.ts';
import { tracedEngine } from './traced-engine.ts';

const invocable = { invocable: true } as const;
const atOnce = { type: 'fixed', delayMs: 0 } as const;

/** A client whose connection breaks after every other one of these statements, when it has been committed. */
function forgetful(sql: postgres.Sql, statements: RegExp): postgres.Sql {
  let sent = 0;
  const unsafe = async (...statement: Parameters<postgres.Sql['unsafe']>) => {
    const rows = await sql.unsafe(...statement);
    if (!statements.test(statement[0])) return rows;
    sent += 1;
    if (sent % 2 === 0) return rows;
    throw Object.assign(new Error('The connection broke.'), { code: 'CONNECTION_CLOSED' });
  };
  return withUnsafe(sql, unsafe);
}

onPostgres('an execution that is invoked and run', (use) => {
  it('is two spans of the trace of the request: send, and process below it', async () => {
    const { conductor, orchestrator, telemetry, span } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => 'sent');
    const request = await traced(telemetry, 'POST /orders', async ({ context }) => {
      await conductor.invoke({ name: 'mail' }, { to: 'ada@example.org' });
      return context;
    });
    await orchestrator({ tasks: [mail] }).drain();

    const [send, process] = [span('send mail'), span('process mail')];
    expect([send.kind, process.kind]).toEqual(['producer', 'consumer']);
    expect([send.outcome, process.outcome]).toEqual(['ok', 'ok']);
    expect([send.parent?.spanId, process.parent?.spanId]).toEqual([request.spanId, send.context.spanId]);
    expect(process.context.traceId).toBe(request.traceId);
    expect(process.parent?.isRemote).toBe(true);
  });

  it('is named alike on both ends, for those who look it up', async () => {
    const { conductor, orchestrator, schema, span } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail', maxAttempts: 5 }, invocable, async () => {});
    const id = await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();

    const work = { system: 'pgconductor', queue: `${schema}:default`, name: 'mail', id };
    expect(span('send mail')).toMatchObject({ subject: 'task', entity: work });
    expect(span('process mail')).toMatchObject({
      subject: 'task',
      entity: { ...work, attempt: 1, maxAttempts: 5 },
    });
  });

  it('says task, queue, id, attempt and why it runs, in the words of the messaging conventions, too', async () => {
    const { conductor, orchestrator, span } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail', queue: 'post' }, invocable, async () => {});
    await orchestrator({ tasks: [mail] }).drain();
    const id = await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();

    expect(span('process mail').attributes).toEqual({
      'messaging.system': 'pgconductor',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': 'post',
      'messaging.message.id': id,
      'messaging.client.id': expect.stringMatching(/^[\da-f-]{36}$/),
      'throughline.job.name': 'mail',
      'throughline.attempt': 1,
      'throughline.max_attempts': 3,
      'throughline.wait.duration': expect.any(Number),
      'throughline.delay.duration': 0,
      'pgconductor.task': 'mail',
      'pgconductor.queue': 'post',
      'pgconductor.execution_id': id,
      'pgconductor.attempt': 1,
      'pgconductor.max_attempts': 3,
      'pgconductor.trigger': 'invoke',
    });
  });

  it('has its span active in the handler, across await, and in ctx.trace', async () => {
    const { conductor, orchestrator, telemetry, span } = tracedEngine(use);
    const active: unknown[] = [];
    const mail = conductor.createTask({ name: 'mail' }, invocable, async (_, ctx) => {
      active.push(telemetry.activeContext()?.spanId);
      await new Promise(setImmediate);
      active.push(telemetry.activeContext()?.spanId, ctx.trace.spanId);
    });
    await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();

    const { spanId } = span('process mail').context;
    expect(active).toEqual([spanId, spanId, spanId]);
  });

  it('does not adopt the span in which its orchestrator was started, nor that of the run before', async () => {
    const { conductor, orchestrator, telemetry, spans } = tracedEngine(use);
    const claims: unknown[] = [];
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {});
    await use.sql`select 1`;
    await conductor.migrate();
    await telemetry.withContext(undefined, () => conductor.invoke({ name: 'mail' }, [{}, {}, {}]));
    await traced(telemetry, 'start', () => orchestrator({ tasks: [mail], concurrency: 1 }).drain());
    for (const { parent } of spans('process mail')) claims.push(parent);

    expect(claims).toEqual([undefined, undefined, undefined]);
  });

  it('tells its logger where it belongs', async () => {
    const lines: unknown[] = [];
    const write = (message: string, fields?: object): void => void lines.push([message, fields]);
    const logger = { debug: write, info: write, warn: write, error: write };
    const { conductor, orchestrator, span } = tracedEngine(use, { logger });
    const mail = conductor.createTask({ name: 'mail' }, invocable, async (_, ctx) => {
      ctx.logger.info('sent', { to: 'ada' });
    });
    const id = await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();

    const { traceId, spanId } = span('process mail').context;
    const fields = { trace_id: traceId, span_id: spanId, trace_flags: '03', execution_id: id, attempt: 1 };
    expect(lines).toEqual([['sent', { ...fields, to: 'ada' }]]);
  });
});

onPostgres('the outcome of a run', (use) => {
  it('is retry while another follows, each linked to the one before, then error', async () => {
    const { conductor, orchestrator, span, spans } = tracedEngine(use);
    const errors = [new TypeError('one'), new RangeError('two')];
    const mail = conductor.createTask(
      { name: 'mail', maxAttempts: 2, backoff: atOnce },
      invocable,
      async (_, ctx) => {
        throw errors[ctx.attempt - 1];
      },
    );
    await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();

    const runs = spans('process mail');
    expect(runs.map(({ outcome }) => outcome)).toEqual(['retry', 'error']);
    expect(runs.map(({ error }) => error)).toEqual(errors);
    expect(runs[0]?.error).toBe(errors[0]);
    expect(runs.map(({ parent }) => parent?.spanId)).toEqual(
      runs.map(() => span('send mail').context.spanId),
    );
    expect(runs[1]?.links).toMatchObject([
      { relation: 'retry_of', context: { spanId: runs[0]?.context.spanId } },
    ]);
  });

  it('comes with the pauses before: delay before the first run, backoff after a failure, neither after a sleep', async () => {
    const { conductor, orchestrator, reached, spans } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail', backoff: [30] }, invocable, async (_, ctx) => {
      if (ctx.attempt === 1) throw new Error('busy');
      await ctx.sleep('a moment', 20);
    });
    const id = await conductor.invoke({ name: 'mail' }, undefined, { delayMs: 40 });
    await orchestrator({ tasks: [mail] }).start();
    await reached(id, 'completed');
    await waitFor(() => spans('process mail').length === 3, { what: 'the last run to be told' });

    const pauses = spans('process mail').map(({ attributes }) => [
      attributes['throughline.delay.duration'],
      attributes['throughline.backoff.duration'],
    ]);
    expect(pauses).toEqual([
      [0.04, undefined],
      [undefined, 0.03],
      [undefined, undefined],
    ]);
  });

  it('is error for what is not tried again', async () => {
    const { conductor, orchestrator, span } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {
      throw new NonRetryableError('no such address');
    });
    await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();

    expect(span('process mail')).toMatchObject({ outcome: 'error', error: { message: 'no such address' } });
  });

  it('is canceled when its cancellation was committed', async () => {
    const { conductor, orchestrator, quiet, reached, span } = tracedEngine(use);
    let isRunning = false;
    const mail = conductor.createTask({ name: 'mail' }, invocable, async (_, ctx) => {
      isRunning = true;
      await new Promise((_resolve, reject) => {
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
      });
    });
    const id = await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).start();
    await waitFor(() => isRunning);
    await conductor.cancel(id ?? '');
    await reached(id, 'canceled');
    await quiet();

    expect(span('process mail').outcome).toBe('canceled');
  });

  it('is released when its orchestrator stops, and the next run continues it', async () => {
    const { conductor, orchestrator, spans } = tracedEngine(use);
    let runs = 0;
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {
      runs += 1;
      if (runs === 1) await new Promise(() => {});
    });
    await conductor.invoke({ name: 'mail' });
    const first: Orchestrator = orchestrator({ tasks: [mail] });
    await first.start();
    await waitFor(() => runs === 1, { what: 'the first run' });
    await first.stop({ graceMs: 0 });
    await orchestrator({ tasks: [mail] }).drain();

    const [released, done] = spans('process mail');
    expect([released?.outcome, done?.outcome]).toEqual(['released', 'ok']);
    expect(done?.links).toMatchObject([
      { relation: 'continues', context: { spanId: released?.context.spanId } },
    ]);
    expect(done?.attributes).toMatchObject({ 'pgconductor.resumed': true });
  });

  it('is what was committed, also when the answer to that was lost on its way', async () => {
    const sql = forgetful(use.sql, /\.(complete|settle)\(/);
    const { conductor, orchestrator, quiet, spans, states } = tracedEngine(use, {
      sql,
    });
    const endings: Readonly<Record<string, (context: TaskContext) => unknown>> = {
      completes: () => 'done',
      'is forgotten': () => 'done',
      dies: () => Promise.reject(new NonRetryableError('never')),
      'fails, then completes': ({ attempt }) => attempt > 1 || Promise.reject(new Error('odd')),
      'sleeps, then completes': (context) => context.sleep('briefly', 10),
    };
    const tasks = Object.entries(endings).map(([name, end]) =>
      conductor.createTask(
        { name, backoff: [0], removeOnComplete: name === 'is forgotten' },
        invocable,
        async (_, context) => end(context),
      ),
    );
    const one = orchestrator({ tasks, batchSize: 1 });
    await one.start();
    for (const name of Object.keys(endings)) await conductor.invoke({ name });
    const ended = ['completed', 'failed'];
    await waitFor(async () => Object.values(await states()).every((state) => ended.includes(state)));
    await quiet();

    const outcomes = Object.keys(endings).map((name) =>
      spans(`process ${name}`).map(({ outcome }) => outcome),
    );
    expect(outcomes).toEqual([['ok'], ['ok'], ['error'], ['retry', 'ok'], ['waiting', 'ok']]);
  });

  it('is lost when the row was given to another meanwhile', async () => {
    const { conductor, orchestrator, quiet, schema, spans } = tracedEngine(use);
    let finish: (() => void) | undefined;
    const mail = conductor.createTask({ name: 'mail' }, invocable, () => {
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).start();
    await waitFor(() => finish !== undefined);
    await use.sql`update ${use.sql(schema)}.execution set lease = null, avail = false, state = 'scheduled',
      run_at = now() + interval '1 hour'`;
    finish?.();
    await quiet();

    expect(spans('process mail').map(({ outcome }) => outcome)).toEqual(['lost']);
  });
});
