import { createEventTelemetry } from '@throughline/core';
import { collectTrace, EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { waitFor } from '@throughline/testkit';
import type postgres from 'postgres';
import { expect, it } from 'vitest';
import { engine } from './engine.ts';
import { onPostgres, type TestPostgres } from './on-postgres.ts';
import { withUnsafe } from './with-unsafe.ts';

const invocable = { invocable: true } as const;

/** A client that loses the first answer that contains something, and whatever comes of asking again. */
function losing({ sql }: TestPostgres, statement: string, content: string) {
  const lost = { answers: 0 };
  const unsafe = async (...asked: Parameters<postgres.Sql['unsafe']>) => {
    const rows = await sql.unsafe(...asked);
    if (!asked[0].includes(statement) || lost.answers >= 1) return rows;
    if (!JSON.stringify(rows).includes(content)) return rows;
    lost.answers += 1;
    throw Object.assign(new Error('lost'), { code: 'CONNECTION_CLOSED' });
  };
  const client = withUnsafe(sql, unsafe);
  return { lost, client };
}

onPostgres('an answer that is lost on its way to a worker', (use) => {
  it('takes no cancellation along', async () => {
    const { lost, client } = losing(use, '.pulse(', 'kind');
    const { conductor, orchestrator, reached } = engine(use, { sql: client });
    const task = conductor.createTask({ name: 'endless' }, invocable, async (_, ctx) => {
      await new Promise((_resolve, reject) =>
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)),
      );
    });
    const id = await conductor.invoke({ name: 'endless' });
    await orchestrator({ tasks: [task] }).start();
    await reached(id, 'running');
    await conductor.cancel(String(id));
    await reached(id, 'canceled');
    expect(lost.answers).toBe(1);
  });

  it.each(['.pulse(', '.cancel_and_tell('])('takes no ending along, from %s', async (statement) => {
    const store = new MemoryTraceStore();
    const telemetry = createEventTelemetry({ writer: new EventWriter(store) });
    const { lost, client } = losing(use, statement, 'canceled');
    const { conductor, orchestrator, schema } = engine(use, {
      sql: client,
      telemetry,
    });
    const task = conductor.createTask({ name: 'later' }, invocable, async () => {});
    await orchestrator({ tasks: [task] }).start();
    const id = await conductor.invoke({ name: 'later' }, undefined, { delayMs: 86_400_000 });
    if (statement === '.pulse(')
      await use.sql`select ${use.sql(schema)}.cancel(${JSON.stringify({ id })}::text::json)`;
    else await conductor.cancel(String(id));
    await waitFor(async () => {
      await telemetry.flush();
      const { traces } = await store.listTraces({ entityId: String(id) });
      const [trace] = traces;
      if (trace === undefined) return false;
      return JSON.stringify(await collectTrace(store, trace.traceId)).includes('canceled');
    });
    expect(lost.answers).toBe(1);
    const { sql } = use;
    await waitFor(async () => (await sql`select from ${sql(schema)}.ending`).length === 0);
  });
});
