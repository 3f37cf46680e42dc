import { expect, it } from 'vitest';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';
import { signal } from './signal.ts';

const invocable = { invocable: true } as const;

onPostgres('an orchestrator that is started while it stops', (use) => {
  it('works when it has stopped, until it is stopped again', async () => {
    const { conductor, orchestrator, reached, schema } = engine(use);
    const [begun, rest] = [signal(), signal()];
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {
      begun.give();
      await rest.given;
    });
    const one = orchestrator({ tasks: [task], pollMs: 60_000 });
    const workers = async () => (await use.sql`select from ${use.sql(schema)}.worker`).length;
    await one.start();
    const first = await conductor.invoke({ name: 'job' });
    await begun.given;
    const stopped = one.stop();
    const again = one.start();
    rest.give();
    await stopped;
    await again;
    await reached(first, 'completed');
    await reached(await conductor.invoke({ name: 'job' }), 'completed');
    expect(await workers()).toBe(1);
    await one.stop();
    expect(await workers()).toBe(0);
  });

  it('does not work when it was stopped once more before it had', async () => {
    const { conductor, orchestrator, schema, states } = engine(use);
    const task = conductor.createTask({ name: 'job' }, invocable, async () => {});
    const one = orchestrator({ tasks: [task] });
    await one.start();
    await Promise.all([one.stop(), one.start(), one.stop()]);
    const id = await conductor.invoke({ name: 'job' });
    expect((await use.sql`select from ${use.sql(schema)}.worker`).length).toBe(0);
    expect(await states()).toEqual({ [String(id)]: 'ready' });
  });
});
