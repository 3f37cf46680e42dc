import { waitFor } from '@throughline/testkit';
import { onTestFinished } from 'vitest';
import { Conductor, type ConductorOptions, Orchestrator, type OrchestratorOptions } from '../src/index.ts';
import type { TestPostgres } from './on-postgres.ts';

/** A conductor in a schema of its own, with what a test looks at. */
export interface Engine {
  readonly conductor: Conductor;
  readonly schema: string;
  /** An orchestrator that is stopped when the test ends. */
  orchestrator(options: Omit<OrchestratorOptions, 'conductor'>): Orchestrator;
  /** Invokes a task with each of the payloads. */
  invokeEach(name: string, payloads: readonly unknown[]): Promise<(string | null)[]>;
  /** All rows, those that are over included, as `[id, state or outcome]`. */
  states(): Promise<Record<string, string>>;
  /** One column of one row of `execution` or `history`. */
  row(table: 'execution' | 'history', id: string | null): Promise<Record<string, unknown> | undefined>;
  /** Waits until the row of that id is in that state, or ended with that outcome. */
  reached(id: string | null, state: string): Promise<void>;
}

export function engine(
  use: TestPostgres,
  options: Omit<ConductorOptions, 'schema' | 'connectionString'> = {},
): Engine {
  const schema = use.freshSchema();
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const own = { sql: use.pool, logger: silent, ...options, schema };
  const conductor = Conductor.create(own) as unknown as Conductor;
  const orchestrators: Orchestrator[] = [];
  onTestFinished(async () => {
    await Promise.all(orchestrators.map((one) => one.stop({ graceMs: 0 })));
    await conductor.close();
  });
  const { sql } = use;
  const row: Engine['row'] = async (table, id) => {
    const [found] = await sql`select * from ${sql(schema)}.${sql(table)} where id = ${id}`;
    return found;
  };
  return {
    conductor,
    schema,
    orchestrator(rest) {
      const made = Orchestrator.create({ conductor, ...rest });
      orchestrators.push(made);
      return made;
    },
    async invokeEach(name, payloads) {
      const items = payloads.map((payload) => ({ payload }));
      return conductor.invoke({ name }, items);
    },
    async states() {
      const rows = await sql`select id, state from ${sql(schema)}.execution
        union all select id, outcome from ${sql(schema)}.history`;
      return Object.fromEntries(rows.map(({ id, state }) => [id, state]));
    },
    row,
    async reached(id, state) {
      const what = `execution ${id} to be ${state}`;
      await waitFor(
        async () => {
          const found = (await row('history', id))?.outcome ?? (await row('execution', id))?.state;
          return found === state;
        },
        { what, timeoutMs: 10_000 },
      );
    },
  };
}
