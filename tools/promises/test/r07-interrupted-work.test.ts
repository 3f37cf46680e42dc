/**
 * R7, on stored events: interrupted work is visible as interrupted. The start is stored when the work starts; when its process
 * is killed and the lock has expired, the work is interrupted, and the next attempt is joined to it.
 */
import { Queue, Worker } from '@throughline/bullmq';
import { createEventTelemetry } from '@throughline/core';
import { EventWriter } from '@throughline/core/events';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { type JournalStore, openJournalStore } from '@throughline/journal-store';
import { spawnNode, waitFor } from '@throughline/testkit';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openQueuePlace } from './support/queue-place.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** The graph of the one trace with that job, as it is stored now. */
async function graphOf(store: JournalStore, entityId: string): Promise<TraceGraph> {
  const { traces } = await store.listTraces({ entityId });
  return createTraceGraph(await store.getTrace(traces[0]?.traceId ?? ''));
}

it('a job whose worker is killed is open, then interrupted, and its next start is its second attempt', async () => {
  const directory = await temporaryDirectory();
  const store = await openJournalStore({ directory });
  const place = openQueuePlace(inject('redisUrl'));
  onTestFinished(() => place.leave());
  const { connection, prefix } = place.options;
  const telemetry = createEventTelemetry({ writer: new EventWriter(store) });
  const options = { ...place.options, telemetry };

  const child = spawnNode(new URL('fixtures/never-done.mjs', import.meta.url), [
    directory,
    connection.host,
    String(connection.port),
    prefix,
  ]);
  await child.waitForLine(/^ready/);
  const { id = '' } = await place.open(new Queue('work', options)).add('endless', {});
  await child.waitForLine(/^started/);
  const killed = await waitFor(
    async () => (await graphOf(store, id)).openSpans().find(({ span }) => span.subject === 'job')?.span,
    { what: 'the start to be stored' },
  );
  await child.kill('SIGKILL');

  place.open(new Worker('work', async () => 'done', { ...options, stalledInterval: 100 }));
  await waitFor(
    async () =>
      (await graphOf(store, id)).select(({ state, form }) => form === 'work' && state === 'completed')[0],
    { what: 'the second attempt', timeoutMs: 20_000 },
  );

  const graph = await graphOf(store, id);
  const [work] = graph.retries();
  const { outcome, interrupted } = graph.explainFailure();
  expect(graph.span(killed.spanId)?.state).toBe('interrupted');
  expect(work?.attempts.map(({ state }) => state)).toEqual(['interrupted', 'completed']);
  expect(interrupted.map(({ span }) => span.spanId)).toEqual([killed.spanId]);
  expect(outcome).toBe('success');
  expect(graph.openSpans()).toEqual([]);
}, 60_000);
