import { createEventTelemetry } from '@throughline/core';
import { collectTrace, EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { createTraceGraph, type FailureExplanation, type TraceGraph } from '@throughline/core/trace-graph';
import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { Orchestrator } from '../../src/index.ts';
import { type Engine, engine } from '../engine.ts';
import { onPostgres, type TestPostgres } from '../on-postgres.ts';

const invocable = { invocable: true } as const;
const forLong = 1_000_000;

interface StoredEngine extends Engine {
  /** What the store tells of an execution, by its id. */
  graphOf(id: string | null): Promise<TraceGraph>;
}

function storedEngine(use: TestPostgres): StoredEngine {
  const store = new MemoryTraceStore();
  const telemetry = createEventTelemetry({ writer: new EventWriter(store) });
  return {
    ...engine(use, { telemetry }),
    async graphOf(id) {
      await telemetry.flush();
      const { traces } = await store.listTraces({ entityId: String(id) });
      if (traces.length !== 1) throw new Error(`${traces.length} traces of execution ${id}`);
      return createTraceGraph(await collectTrace(store, traces[0]?.traceId ?? ''));
    },
  };
}

onPostgres('an execution that ends without a run is found by its id', (use) => {
  it('as canceled, with the reason, when it was asleep', async () => {
    const { conductor, orchestrator, graphOf } = storedEngine(use);
    const nap = conductor.createTask({ name: 'nap' }, invocable, (_, ctx) => ctx.sleep('long', forLong));
    const id = await conductor.invoke({ name: 'nap' });
    await orchestrator({ tasks: [nap] }).drain();
    await conductor.cancel(String(id), { reason: 'nobody needs it' });

    const graph = await graphOf(id);
    expect(graph.explainFailure().outcome).toBe('canceled');
    expect(graph.retries()[0]?.latest).toMatchObject({ attempt: 1, error: { message: 'nobody needs it' } });
  });

  it('as canceled when it had never begun', async () => {
    const { conductor, graphOf } = storedEngine(use);
    const id = await conductor.invoke({ name: 'later' }, undefined, { delayMs: forLong });
    await conductor.cancel(String(id));

    expect((await graphOf(id)).explainFailure().outcome).toBe('canceled');
  });

  it('as canceled when it waited for its dedupe key', async () => {
    const { conductor, orchestrator, graphOf, reached } = storedEngine(use);
    let finish = (): void => {};
    const task = conductor.createTask({ name: 'one' }, invocable, () => {
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const first = await conductor.invoke({ name: 'one' }, undefined, { dedupeKey: 'k' });
    await orchestrator({ tasks: [task] }).start();
    await reached(first, 'running');
    const next = await conductor.invoke({ name: 'one' }, undefined, { dedupeKey: 'k' });
    await conductor.cancel(String(next));
    finish();

    expect((await graphOf(next)).explainFailure().outcome).toBe('canceled');
  });

  it('as canceled with its parent, which leaves nothing open', async () => {
    const { conductor, orchestrator, graphOf } = storedEngine(use);
    const child = conductor.createTask({ name: 'child' }, invocable, (_, ctx) => ctx.sleep('long', forLong));
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      await ctx.invoke('it', { name: 'child' });
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, child] }).drain();
    await conductor.cancel(String(id));

    const { outcome, open } = (await graphOf(id)).explainFailure();
    expect([outcome, open]).toEqual(['canceled', []]);
  });

  it('as canceled when its parent was over without it', async () => {
    const { conductor, orchestrator, graphOf, states } = storedEngine(use);
    const child = conductor.createTask({ name: 'child' }, invocable, (_, ctx) => ctx.sleep('long', forLong));
    const parent = conductor.createTask({ name: 'parent' }, invocable, async (_, ctx) => {
      await Promise.race([ctx.invoke('it', { name: 'child' }), ctx.sleep('short', 0)]);
      const isAsleep = async () => Object.values(await states()).includes('sleeping');
      await ctx.step('outlived', () => waitFor(isAsleep, { what: 'the child to sleep' }));
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, child] }).drain();

    const graph = await graphOf(id);
    expect(graph.retries().map(({ entity, state }) => [entity.name, state])).toEqual([
      ['parent', 'completed'],
      ['child', 'canceled'],
    ]);
  });

  it('as failed when its worker was lost for the last time', async () => {
    const { conductor, orchestrator, graphOf, reached, schema } = storedEngine(use);
    const { sql } = use;
    const task = conductor.createTask({ name: 'lost', maxAttempts: 1 }, invocable, () => {
      return new Promise(() => {});
    });
    const id = await conductor.invoke({ name: 'lost' });
    const frozen = Orchestrator.create({ conductor, tasks: [task] });
    await frozen.start();
    await reached(id, 'running');
    await sql`update ${sql(schema)}.lease set until = now() - interval '1 second', worker = 'frozen'`;
    await orchestrator({ tasks: [task], leaseMs: 1_000 }).start();
    await reached(id, 'failed');

    await waitFor(async () => (await graphOf(id)).explainFailure().outcome === 'failed', {
      what: 'the end to be told',
    });
    expect((await graphOf(id)).explainFailure().causes[0]?.error).toMatchObject({
      type: 'LeaseExpiredError',
      code: 'THROUGHLINE_PGCONDUCTOR_LEASE_EXPIRED',
    });
    await frozen.stop({ graceMs: 0 });
  });
});

onPostgres('a member of a batch is found by its id', (use) => {
  it('with how it ended itself, whatever became of the others', async () => {
    const { conductor, invokeEach, orchestrator, graphOf } = storedEngine(use);
    const task = conductor.createTask(
      { name: 'mail', maxAttempts: 1, batch: { size: 3, timeoutMs: 50 } },
      invocable,
      async (events) => events.map(({ payload }) => (payload === 2 ? new Error('no such address') : payload)),
    );
    const ids = await invokeEach('mail', [1, 2, 3]);
    await orchestrator({ tasks: [task] }).drain();

    const graphs = await Promise.all(ids.map(graphOf));
    expect(graphs.map((graph) => graph.explainFailure().outcome)).toEqual(['success', 'failed', 'success']);
    expect(graphs[1]?.explainFailure().causes[0]).toMatchObject({
      job: { entity: { id: ids[1] }, attempt: 1 },
      error: { message: 'no such address' },
    });
  });

  it('over all its attempts', async () => {
    const { conductor, invokeEach, orchestrator, graphOf } = storedEngine(use);
    const backoff = { type: 'fixed', delayMs: 0 } as const;
    const task = conductor.createTask(
      { name: 'mail', backoff, batch: { size: 2, timeoutMs: 20 } },
      invocable,
      async (events, ctx) =>
        events.map(({ payload }, place) =>
          payload === 2 && ctx.executions[place]?.attempt === 1 ? new Error('busy') : payload,
        ),
    );
    const ids = await invokeEach('mail', [1, 2]);
    await orchestrator({ tasks: [task] }).drain();

    const [, second] = await Promise.all(ids.map(graphOf));
    const attempts = second?.retries().find(({ entity }) => entity.id === ids[1])?.attempts;
    expect(attempts?.map(({ state }) => state)).toEqual(['retrying', 'completed']);
  });
});

onPostgres('the failure of a child', (use) => {
  const oneAttempt = { maxAttempts: 1 } as const;

  async function explained(afterwards: (error: unknown) => unknown): Promise<FailureExplanation> {
    const { conductor, orchestrator, graphOf } = storedEngine(use);
    const child = conductor.createTask({ name: 'child', ...oneAttempt }, invocable, () => {
      throw new RangeError('insufficient funds');
    });
    const parent = conductor.createTask({ name: 'parent', ...oneAttempt }, invocable, async (_, ctx) => {
      const error = await ctx.invoke('it', { name: 'child' }).catch((thrown: unknown) => thrown);
      await ctx.sleep('a moment', 0);
      throw afterwards(error);
    });
    const id = await conductor.invoke({ name: 'parent' });
    await orchestrator({ tasks: [parent, child] }).drain();
    return (await graphOf(id)).explainFailure();
  }

  it('is the cause of the failure of its parent, which is its consequence', async () => {
    const { causes, ruledOut } = await explained((error) => error);
    expect(causes.map(({ error }) => error?.message)).toEqual(['insufficient funds']);
    expect(ruledOut).toMatchObject([{ reason: 'consequence', span: { entity: { name: 'parent' } } }]);
  });

  it('is that also where the parent fails with an error of its own because of it', async () => {
    const { causes } = await explained((cause) => new Error('no loan', { cause }));
    expect(causes.map(({ error }) => error?.message)).toEqual(['insufficient funds']);
  });

  it('is not, where the parent went on and failed with something else', async () => {
    const { causes } = await explained(() => new Error('disk full'));
    expect(causes.map(({ error }) => error?.message)).toContain('disk full');
  });
});

onPostgres('without a telemetry', (use) => {
  it('nothing is noted of what ends without a run', async () => {
    const { conductor, orchestrator, schema } = engine(use);
    const nap = conductor.createTask({ name: 'nap' }, invocable, (_, ctx) => ctx.sleep('long', forLong));
    const id = await conductor.invoke({ name: 'nap' });
    await orchestrator({ tasks: [nap] }).drain();
    await conductor.cancel(String(id));

    expect(await use.sql`select * from ${use.sql(schema)}.ending`).toHaveLength(0);
  });
});
