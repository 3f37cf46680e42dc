import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import type { LogFields } from '../src/task/logger.ts';
import { engine } from './engine.ts';
import { onPostgres } from './on-postgres.ts';

const invocable = { invocable: true } as const;

onPostgres('executions that no worker of their queue can run', (use) => {
  it('are told of, with their task, by the workers of the queue', async () => {
    const warnings: [message: string, fields: LogFields | undefined][] = [];
    const warn = (message: string, fields?: LogFields) => void warnings.push([message, fields]);
    const { conductor, orchestrator, schema, invokeEach } = engine(use, {
      logger: { debug() {}, info() {}, warn, error: warn },
    });
    const [worked, elsewhere] = ['worked', 'elsewhere'].map((name) =>
      conductor.createTask(
        { name, queue: name === 'elsewhere' ? 'other' : 'default' },
        invocable,
        async () => {},
      ),
    );
    if (worked === undefined || elsewhere === undefined) throw new Error('two tasks are needed');
    await invokeEach('forgotten', [1, 2]);
    await invokeEach('new', [1]);
    const { sql } = use;
    // For as long as the test may take, one has waited for long, and the other has not.
    await sql`update ${sql(schema)}.execution
      set run_at = now() + case task when 'new' then 1 else -1 end * interval '1 hour'`;
    await orchestrator({ tasks: [elsewhere] }).start();
    await orchestrator({ tasks: [worked] }).start();
    await waitFor(() => warnings.length > 0);
    expect(warnings).toEqual([
      [
        'pgconductor: executions wait that no worker of their queue can run',
        { queue: 'default', task: 'forgotten', waitedMs: expect.any(Number) },
      ],
    ]);
  });
});
