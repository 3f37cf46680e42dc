import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { Orchestrator } from '../../src/index.ts';
import { onPostgres } from '../on-postgres.ts';
import { type TracedEngine, tracedEngine } from './traced-engine.ts';

const invocable = { invocable: true } as const;
const often = { telemetryOptions: { depthIntervalMs: 100 } } as const;

/** What a metric shows now, by queue and state. */
function shown({ telemetry }: TracedEngine, name: string): Record<string, number> {
  const found = telemetry.collect().filter((measurement) => measurement.name === name);
  return Object.fromEntries(
    found.map(({ attributes, value }) => [
      [attributes['messaging.destination.name'], attributes['throughline.queue.state']]
        .filter(Boolean)
        .join(' '),
      value,
    ]),
  );
}

onPostgres('the queues of a database', (use) => {
  it('are shown by state, with the age of the oldest execution that is due', async () => {
    const traced = tracedEngine(use, often);
    const { conductor, orchestrator, reached } = traced;
    let finish = (): void => {};
    const mail = conductor.createTask({ name: 'mail' }, invocable, () => {
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const [first] = (await conductor.invoke({ name: 'mail' }, [{}, {}, {}])) as string[];
    await conductor.invoke({ name: 'mail' }, undefined, { delayMs: 60_000 });
    await orchestrator({ tasks: [mail], concurrency: 1, batchSize: 1 }).start();
    await reached(first ?? '', 'running');
    const states = () => shown(traced, 'throughline.queue.depth');
    await waitFor(() => (states()['default running'] ?? 0) > 0, { what: 'a count' });
    const { 'default ready': ready = 0, 'default running': running = 0, ...others } = states();

    expect(ready + running).toBe(3);
    expect(others).toEqual({
      'default scheduled': 1,
      'default sleeping': 0,
      'default waiting': 0,
      'default gated': 0,
    });
    expect(shown(traced, 'throughline.queue.oldest.age')['default']).toBeGreaterThanOrEqual(0);
    expect(shown(traced, 'throughline.queue.poll.timestamp')['default']).toBeGreaterThan(1.7e9);
    finish();
  });

  it('are counted by one orchestrator, and by the other one when that stops', async () => {
    const traced = tracedEngine(use, often);
    const { conductor, orchestrator, telemetry } = traced;
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {});
    const first = orchestrator({ tasks: [mail] });
    await first.start();
    await orchestrator({ tasks: [mail] }).start();
    const depths = () => telemetry.collect().filter(({ name }) => name === 'throughline.queue.depth').length;
    await waitFor(() => depths() > 0, { what: 'a count' });
    expect(depths()).toBe(6);

    await first.stop({ graceMs: 0 });
    await waitFor(() => depths() === 6, { what: 'the other one to count' });
  });

  it('show nothing once every orchestrator has stopped', async () => {
    const { conductor, orchestrator, telemetry } = tracedEngine(use, often);
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {});
    const one = orchestrator({ tasks: [mail] });
    await one.start();
    await waitFor(() => telemetry.collect().length > 0, { what: 'a count' });
    await one.stop({ graceMs: 0 });

    expect(telemetry.collect()).toEqual([]);
  });
});

onPostgres('an idle worker', (use) => {
  it('is measured, and makes no span', async () => {
    const traced = tracedEngine(use, often);
    const { conductor, orchestrator, telemetry } = traced;
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {});
    await orchestrator({ tasks: [mail], concurrency: 7, pollMs: 10 }).start();
    const fetches = () => telemetry.events.filter(({ kind }) => kind === 'worker.fetch').length;
    await waitFor(() => fetches() > 5, { what: 'it to look for work' });

    expect(telemetry.spans).toEqual([]);
    expect(shown(traced, 'pgconductor.worker.slots.used')).toEqual({ default: 0 });
    expect(shown(traced, 'pgconductor.worker.slots.limit')).toEqual({ default: 7 });
  });
});

onPostgres('what workers do', (use) => {
  it('is measured in seconds: claims, settlements, queries, runs', async () => {
    const { conductor, orchestrator, telemetry } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {});
    await conductor.invoke({ name: 'mail' }, [{}, {}]);
    await orchestrator({ tasks: [mail] }).drain();
    const units = new Map(telemetry.measurements.map(({ name, unit }) => [name, unit]));
    const sum = (name: string): number =>
      telemetry.measurements.filter((one) => one.name === name).reduce((all, { value }) => all + value, 0);

    for (const name of [
      'messaging.client.operation.duration',
      'messaging.process.duration',
      'pgconductor.task.duration',
      'pgconductor.worker.fetch.duration',
      'pgconductor.worker.flush.duration',
      'pgconductor.db.query.duration',
      'throughline.wait.duration',
    ])
      expect([name, units.get(name)]).toEqual([name, 's']);
    expect(sum('messaging.client.sent.messages')).toBe(2);
    expect(sum('messaging.client.consumed.messages')).toBe(2);
    expect(sum('pgconductor.worker.fetch.count')).toBe(2);
    expect(sum('pgconductor.worker.flush.count')).toBe(2);
  });

  it('counts the attempts of what took more than one, when it is over', async () => {
    const { conductor, orchestrator, telemetry } = tracedEngine(use);
    const mail = conductor.createTask(
      { name: 'mail', backoff: { type: 'fixed', delayMs: 0 } },
      invocable,
      async ({ payload }, ctx) => {
        if (payload === 'fails twice' && ctx.attempt < 3) throw new Error('busy');
      },
    );
    await conductor.invoke({ name: 'mail' }, [{ payload: 'fails twice' }, { payload: 'works' }]);
    await orchestrator({ tasks: [mail] }).drain();
    const attempts = telemetry.measurements.filter(({ name }) => name === 'pgconductor.task.attempts');

    expect(attempts.map(({ value }) => value)).toEqual([3]);
  });

  it('says of each run what the convention demands, and of handler and wait their task', async () => {
    const { conductor, orchestrator, telemetry } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {});
    await conductor.invoke({ name: 'mail' });
    await orchestrator({ tasks: [mail] }).drain();
    const said = (name: string): unknown =>
      telemetry.measurements.find((one) => one.name === name)?.attributes;
    const queue = { 'messaging.destination.name': 'default', 'messaging.system': 'pgconductor' };

    expect(said('messaging.process.duration')).toEqual({ ...queue, 'messaging.operation.name': 'process' });
    expect(said('pgconductor.task.duration')).toEqual({ 'pgconductor.task': 'mail' });
    expect(said('throughline.wait.duration')).toEqual({ ...queue, 'pgconductor.task': 'mail' });
  });

  it('tells each run by its status', async () => {
    const { conductor, orchestrator, telemetry } = tracedEngine(use);
    const mail = conductor.createTask(
      { name: 'mail', maxAttempts: 2, backoff: { type: 'fixed', delayMs: 0 } },
      invocable,
      async (event) => {
        if (event.payload === 'fails') throw new TypeError('busy');
      },
    );
    await conductor.invoke({ name: 'mail' }, [{ payload: 'fails' }, { payload: 'works' }]);
    await orchestrator({ tasks: [mail] }).drain();
    const runs = telemetry.events.filter(({ kind }) => kind === 'worker.execution').map(({ event }) => event);

    expect(runs).toHaveLength(3);
    expect(runs).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ status: 'completed', attempt: 1, task: 'mail', queue: 'default' }),
        expect.objectContaining({ status: 'failed', attempt: 1, backoffMs: 0 }),
        expect.objectContaining({
          status: 'permanently_failed',
          attempt: 2,
          attributes: expect.objectContaining({ 'error.type': 'TypeError', 'throughline.outcome': 'error' }),
        }),
      ]),
    );
  });

  it('gives the same frozen attributes to the same outcome', async () => {
    const { conductor, orchestrator, telemetry } = tracedEngine(use);
    const mail = conductor.createTask({ name: 'mail' }, invocable, async () => {});
    await conductor.invoke({ name: 'mail' }, [{}, {}]);
    await orchestrator({ tasks: [mail] }).drain();
    const sets = telemetry.measurements
      .filter(({ name }) => name === 'messaging.process.duration')
      .map(({ attributes }) => attributes);

    expect(sets[0]).toBe(sets[1]);
    expect(Object.isFrozen(sets[0])).toBe(true);
  });

  it('tells how long a cancellation took to reach its handler', async () => {
    const { conductor, orchestrator, reached, telemetry } = tracedEngine(use);
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
    const latencies = telemetry.measurements.filter(({ name }) => name === 'pgconductor.cancel.latency');

    expect(latencies).toHaveLength(1);
    expect(latencies[0]?.value).toBeLessThan(10);
  });
});

onPostgres('a run whose worker is gone', (use) => {
  it('is lost, and the next one is linked to it when it had outlasted a heartbeat', async () => {
    const traced = tracedEngine(use);
    const { conductor, orchestrator, quiet, reached, schema, spans, telemetry } = traced;
    const finish: (() => void)[] = [];
    const mail = conductor.createTask({ name: 'mail' }, invocable, () => {
      return new Promise<void>((resolve) => void finish.push(resolve));
    });
    const id = await conductor.invoke({ name: 'mail' });
    const frozen = Orchestrator.create({ conductor, tasks: [mail], leaseMs: 4_000 });
    await frozen.start();
    await reached(id, 'running');
    const { sql } = use;
    const traces = async () => (await sql`select traces from ${sql(schema)}.lease`)[0]?.['traces'];
    await waitFor(async () => Object.keys((await traces()) ?? {}).length > 0, { what: 'a heartbeat' });
    // As if it had been frozen: its lease is over before it says again that it lives.
    await sql`update ${sql(schema)}.lease set until = now() - interval '1 second', worker = 'frozen'`;
    await orchestrator({ tasks: [mail], leaseMs: 4_000, pollMs: 20 }).start();
    await waitFor(() => finish.length === 2, { what: 'the second run' });
    finish[0]?.();
    await waitFor(() => spans('process mail').length === 1, { what: 'the first run to be settled' });
    finish[1]?.();
    await reached(id, 'completed');
    await quiet();
    await frozen.stop({ graceMs: 0 });

    const [lost, done] = spans('process mail');
    expect([lost?.outcome, done?.outcome]).toEqual(['lost', 'ok']);
    expect(done?.links).toMatchObject([
      { relation: 'recovered_from', context: { spanId: lost?.context.spanId } },
    ]);
    expect(done?.attributes).toMatchObject({ 'pgconductor.recovered': true });
    const counted = (name: string): number =>
      telemetry.measurements.filter((one) => one.name === name).length;
    expect([counted('throughline.lock_lost'), counted('throughline.stalled')]).toEqual([1, 1]);
  });

  it('is told of runs that may have begun, not of what the worker had claimed ahead', async () => {
    const { conductor, invokeEach, orchestrator, quiet, schema, spans } = tracedEngine(use);
    const { sql } = use;
    const mail = conductor.createTask({ name: 'mail' }, invocable, () => {});
    const ids = await invokeEach('mail', [1, 2, 3, 4]);
    const claim = { worker: 'gone', queue: 'default', tasks: ['mail'], limit: 4, leaseMs: 0, slots: 1 };
    await sql`select ${sql(schema)}.claim(${JSON.stringify(claim)}::text::json)`;
    const traces = {
      [String(ids[2])]: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    };
    await sql`update ${sql(schema)}.lease set traces = ${JSON.stringify(traces)}::text::json`;
    await orchestrator({ tasks: [mail] }).drain();
    await quiet();

    const runs = spans('process mail').map(({ entity, attributes, links }) => [
      entity?.id,
      attributes['pgconductor.recovered'],
      links.some(({ relation }) => relation === 'recovered_from'),
    ]);
    expect(new Set(runs)).toEqual(
      new Set([
        [ids[0], true, false],
        [ids[1], undefined, false],
        [ids[2], true, true],
        [ids[3], undefined, false],
      ]),
    );
  });
});
