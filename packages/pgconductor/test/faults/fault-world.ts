import { type NodeChild, type SpawnNodeOptions, spawnNode, waitFor } from '@throughline/testkit';
import type postgres from 'postgres';
import { expect, onTestFinished, type TestContext } from 'vitest';
import { Conductor, type OrchestratorOptions } from '../../src/index.ts';
import type { TestPostgres } from '../on-postgres.ts';

/** The payload of an execution: what its handler does. */
export interface Work {
  /** How long it takes. */
  readonly ms?: number | undefined;
  /** It fails in so many attempts first. */
  readonly fails?: number | undefined;
  /** It fails for good. */
  readonly dies?: boolean | undefined;
  /** Of its gate. */
  readonly key?: string | undefined;
  /** Name of one of `poisons`, which it returns. */
  readonly poison?: string | undefined;
  /** It goes on until its signal aborts. */
  readonly holds?: boolean | undefined;
}

/** What the process of `fault-worker.mjs` is told. */
export interface WorkerOrders {
  /** Of the engine. */
  readonly url: string;
  /** Of the notes. */
  readonly notesUrl: string;
  readonly schema: string;
  readonly notesTable: string;
  readonly options: Omit<OrchestratorOptions, 'conductor' | 'tasks'>;
  readonly graceMs: number;
}

/** How one worker differs from the others. */
interface WorkerOptions extends Omit<OrchestratorOptions, 'conductor' | 'tasks'> {
  readonly url?: string | undefined;
  readonly graceMs?: number | undefined;
  readonly process?: SpawnNodeOptions | undefined;
}

/** What became of everything. */
export interface Account {
  /** Executions by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Invoked, and neither in the history nor waiting. */
  readonly lost: readonly string[];
  /** In the history, and never invoked. */
  readonly unknown: readonly string[];
  /** Attempts that ran more than once, as `execution/attempt`. */
  readonly twice: readonly string[];
  /** Attempts that began after their execution had ended. */
  readonly late: readonly string[];
  /** Completed, although the attempt that counted did not come to its end. */
  readonly undone: readonly string[];
  /** Rows of tables that have to be empty when all is over. */
  readonly left: Readonly<Record<string, number>>;
}

/** What every {@link Account} has to say, whatever happened. */
export const sound: Omit<Account, 'outcomes'> = {
  lost: [],
  unknown: [],
  twice: [],
  late: [],
  undone: [],
  left: {},
};

/** A schema, and processes that work in it. */
export interface FaultWorld {
  readonly sql: postgres.Sql;
  readonly schema: string;
  readonly conductor: Conductor;
  /** Invokes a task, once for each payload, and remembers the ids. */
  invoke(task: string, works: readonly Work[]): Promise<string[]>;
  /** Counts an id that came from elsewhere, too. */
  expectId(id: string | null): void;
  /** Starts a process that works, and waits until it does. */
  worker(options?: WorkerOptions): Promise<NodeChild>;
  /** How many runs have begun. */
  runs(): Promise<number>;
  /** How many executions are over. */
  ended(): Promise<number>;
  /** Lets a healthy worker do what is left, stops it, and draws the balance. */
  account(): Promise<Account>;
}

const workerFile = new URL('fixtures/fault-worker.mjs', import.meta.url);
const passing = ['execution', 'lease', 'successor', 'step', 'event_wait', 'worker', 'idle_worker', 'signal'];
let worlds = 0;

/** @param test that it ends with; those that run at the same time say it */
export async function faultWorld(
  use: Pick<TestPostgres, 'url' | 'sql'>,
  test: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<FaultWorld> {
  worlds += 1;
  const schema = `faults_${worlds}`;
  const notesTable = `${schema}_note`;
  const { sql } = use;
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const conductor = Conductor.create({ connectionString: use.url, schema, logger: silent }) as Conductor;
  const invoked = new Set<string>();
  const children: NodeChild[] = [];
  test.onTestFinished(async () => {
    await Promise.all(children.map((child) => child.kill()));
    await conductor.close();
  });
  await conductor.migrate();
  await sql`create table ${sql(notesTable)} (id bigint generated always as identity primary key, execution bigint not null,
    attempt integer not null, key text not null, worker integer not null,
    begun timestamptz not null, started timestamptz not null default clock_timestamp(), ended timestamptz)`;

  const count = async (table: string): Promise<number> => {
    const [row] = await sql`select count(*)::integer as count from ${sql(schema)}.${sql(table)}`;
    return row?.count;
  };
  const world: FaultWorld = {
    sql,
    schema,
    conductor,
    async invoke(task, works) {
      const items = works.map((payload) => ({ payload }));
      const ids = (await conductor.invoke({ name: task }, items)) as unknown as string[];
      for (const id of ids) invoked.add(id);
      return ids;
    },
    expectId(id) {
      if (id !== null) invoked.add(id);
    },
    async worker({ url = use.url, graceMs = 5_000, process = {}, ...options } = {}) {
      const orders: WorkerOrders = { url, notesUrl: use.url, schema, notesTable, options, graceMs };
      const child = spawnNode(workerFile, [JSON.stringify(orders)], process);
      children.push(child);
      await child.waitForLine(/^ready/, 20_000);
      return child;
    },
    async runs() {
      const [row] = await sql`select count(*)::integer as count from ${sql(notesTable)}`;
      return row?.count;
    },
    ended: () => count('history'),
    async account() {
      const healthy = await world.worker({ concurrency: 50 });
      const isOver = async (): Promise<boolean> => {
        const others = await sql`select from ${sql(schema)}.worker offset 1`;
        const dead =
          await sql`select from ${sql(schema)}.lease where worker not in (select id from ${sql(schema)}.worker)`;
        return (await count('execution')) + (await count('successor')) + others.length + dead.length === 0;
      };
      await waitFor(isOver, { what: 'every execution to end', timeoutMs: 30_000, intervalMs: 50 });
      await stopped(healthy);
      return balance(sql, schema, notesTable, invoked);
    },
  };
  return world;
}

/** Asks a worker to stop. Resolves with how long that took it; it must not have written any error. */
export async function stopped(worker: NodeChild): Promise<number> {
  const exit = await worker.kill('SIGTERM');
  expect({ errors: worker.errorLines, exit }).toEqual({ errors: [], exit: { code: 0, signal: null } });
  return Number((await worker.waitForLine(/^stopped/)).slice('stopped '.length));
}

async function balance(
  sql: postgres.Sql,
  schema: string,
  notesTable: string,
  invoked: ReadonlySet<string>,
): Promise<Account> {
  const [history, note] = [sql`${sql(schema)}.history`, sql(notesTable)];
  const ended = await sql<{ id: string; outcome: string }[]>`select id::text, outcome from ${history}`;
  const ids = new Set(ended.map(({ id }) => id));
  const outcomes: Record<string, number> = {};
  for (const { outcome } of ended) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const twice = await sql`select execution || '/' || attempt as text from ${note}
    group by execution, attempt having count(*) > 1`;
  const late = await sql`select n.execution || '/' || n.attempt as text from ${note} n
    join ${history} h on h.id = n.execution where n.begun > h.finished_at`;
  const undone =
    await sql`select h.id::text as text from ${history} h where outcome = 'completed' and not exists (
    select from ${note} n where n.execution = h.id and n.attempt = h.attempt and n.ended <= h.finished_at)`;
  const texts = (rows: readonly postgres.Row[]): string[] => rows.map(({ text }) => text);
  return {
    outcomes,
    lost: [...invoked].filter((id) => !ids.has(id)),
    unknown: [...ids].filter((id) => !invoked.has(id)),
    twice: texts(twice),
    late: texts(late),
    undone: texts(undone),
    left: await leftovers(sql, schema),
  };
}

async function leftovers(sql: postgres.Sql, schema: string): Promise<Record<string, number>> {
  const left: Record<string, number> = {};
  for (const table of passing) {
    const rows = await sql`select from ${sql(schema)}.${sql(table)}`;
    if (rows.length > 0) left[table] = rows.length;
  }
  return left;
}
