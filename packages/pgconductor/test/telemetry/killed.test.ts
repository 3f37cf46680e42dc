import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventTelemetry } from '@throughline/core';
import { EventWriter } from '@throughline/core/events';
import { createTraceGraph, type TraceGraph, type TraceSpan } from '@throughline/core/trace-graph';
import { type JournalStore, openJournalStore } from '@throughline/journal-store';
import { type NodeChild, spawnNode, waitFor } from '@throughline/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { engine } from '../engine.ts';
import { onPostgres, type TestPostgres } from '../on-postgres.ts';

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

function neverDone({ url }: TestPostgres, schema: string, directory: string): NodeChild {
  const child = spawnNode(new URL('../fixtures/never-done.mjs', import.meta.url), [url, schema, directory]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

onPostgres('an execution whose worker is killed', (use) => {
  it('is open, then interrupted, and its next run is its second attempt, linked to the first', async () => {
    const { directory, store } = await openJournal();
    const telemetry = createEventTelemetry({ writer: new EventWriter(store) });
    const { conductor, orchestrator, reached, schema } = engine(use, { telemetry });
    const id = String(await conductor.invoke({ name: 'endless' }));
    const child = neverDone(use, schema, directory);
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

  it('is that too as a member of a batch, each of which is found by its id', async () => {
    const { directory, store } = await openJournal();
    const telemetry = createEventTelemetry({ writer: new EventWriter(store) });
    const { conductor, invokeEach, orchestrator, reached, schema } = engine(use, { telemetry });
    const ids = (await invokeEach('together', [1, 2, 3])).map(String);
    const child = neverDone(use, schema, directory);
    const membersOf = async (): Promise<(TraceSpan | undefined)[]> =>
      Promise.all(
        ids.map(
          async (id) =>
            (await graphOf(store, id)).openSpans().find(({ span }) => span.entity?.id === id)?.span,
        ),
      );
    const killed = await waitFor(
      async () => {
        const members = await membersOf();
        return members.includes(undefined) ? undefined : members;
      },
      { what: 'the starts to be stored', timeoutMs: 15_000 },
    );
    await child.kill('SIGKILL');

    const batch = { size: 3, timeoutMs: 50 };
    const together = conductor.createTask({ name: 'together', batch }, invocable, async () => {});
    await orchestrator({ tasks: [together], leaseMs: 1_000, pollMs: 50 }).start();
    for (const id of ids) await reached(id, 'completed');
    await telemetry.flush();

    const graphs = await Promise.all(ids.map((id) => graphOf(store, id)));
    const ends = graphs.map((graph, index) => [
      graph.span(killed[index]?.spanId ?? '')?.state,
      graph
        .retries()
        .find(({ entity }) => entity.id === ids[index])
        ?.attempts.map(({ state }) => state),
    ]);
    expect(ends).toEqual(ids.map(() => ['interrupted', ['interrupted', 'completed']]));
  }, 60_000);
});
