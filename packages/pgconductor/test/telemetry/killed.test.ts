import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventTelemetry } from '@throughline/core';
import { EventWriter } from '@throughline/core/events';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { type JournalStore, openJournalStore } from '@throughline/journal-store';
import { spawnNode, waitFor } from '@throughline/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { engine } from '../engine.ts';
import { onPostgres } from '../on-postgres.ts';

const invocable = { invocable: true } as const;

async function openJournal(): Promise<{ readonly directory: string; readonly store: JournalStore }> {
  const directory = await mkdtemp(join(tmpdir(), 'pgconductor-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return { directory, store: await openJournalStore({ directory }) };
}

/** The graph of the trace with that execution, as it is stored now. */
async function graphOf(store: JournalStore, entityId: string): Promise<TraceGraph> {
  const { traces } = await store.listTraces({ entityId });
  return createTraceGraph(await store.getTrace(traces[0]?.traceId ?? ''));
}

onPostgres('an execution whose worker is killed', (use) => {
  it('is open, then interrupted, and its next run is its second attempt, linked to the first', async () => {
    const { directory, store } = await openJournal();
    const telemetry = createEventTelemetry({ writer: new EventWriter(store) });
    const { conductor, orchestrator, reached, schema } = engine(use, { telemetry });
    const id = String(await conductor.invoke({ name: 'endless' }));
    const child = spawnNode(new URL('../fixtures/never-done.mjs', import.meta.url), [
      use.url,
      schema,
      directory,
    ]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const { sql } = use;
    const killed = await waitFor(
      async () => (await graphOf(store, id)).openSpans().find(({ span }) => span.subject === 'task')?.span,
      { what: 'the start to be stored', timeoutMs: 15_000 },
    );
    await waitFor(
      async () => {
        const [lease] = await sql`select traces::text from ${sql(schema)}.lease`;
        return String(lease?.['traces']).includes(killed.spanId);
      },
      { what: 'a heartbeat', timeoutMs: 10_000 },
    );
    await child.kill('SIGKILL');

    const endless = conductor.createTask({ name: 'endless' }, invocable, async () => 'done');
    await orchestrator({ tasks: [endless], leaseMs: 1_000, pollMs: 50 }).start();
    await reached(id, 'completed');
    await telemetry.flush();

    const graph = await graphOf(store, id);
    const [work] = graph.retries();
    expect(graph.span(killed.spanId)?.state).toBe('interrupted');
    expect(work?.attempts.map(({ state }) => state)).toEqual(['interrupted', 'completed']);
    expect(graph.explainFailure().interrupted.map(({ span }) => span.spanId)).toEqual([killed.spanId]);
    expect(graph.openSpans()).toEqual([]);
    const events = await store.getTrace(killed.traceId);
    expect(events.flatMap(({ data }) => data?.links ?? [])).toEqual([
      { trace_id: killed.traceId, span_id: killed.spanId, relation: 'recovered_from' },
    ]);
  }, 60_000);
});
