import postgres from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import type { SqlPool } from '../src/database/sql-client.ts';
import { Conductor } from '../src/index.ts';
import { engine } from './engine.ts';
import { onPostgres, type TestPostgres } from './on-postgres.ts';
import { type Signal, signal } from './signal.ts';

const invocable = { invocable: true } as const;

interface LateAnswers {
  readonly sql: SqlPool;
  readonly looked: Promise<void>;
  /** A notification has arrived: it looks once more meanwhile. */
  readonly heard: Promise<void>;
  answer(): void;
}

/** A client that holds back the answer of the second look, until it is told to hand it on. */
function lateAnswers({ url }: TestPostgres): LateAnswers {
  const sql = postgres(url, { max: 4, onnotice: () => {} });
  onTestFinished(() => sql.end());
  const [looked, heard, answered] = [signal(), signal(), signal()];
  const { unsafe } = sql as unknown as SqlPool;
  let looks = 0;
  const late = async <Row>(rows: PromiseLike<Row>): Promise<Row> => {
    looks += 1;
    if (looks === 3) heard.give();
    const isSecond = looks === 2;
    const answer = await rows;
    if (isSecond) {
      looked.give();
      await answered.given;
    }
    return answer;
  };
  const changed: Pick<SqlPool, 'unsafe'> = {
    unsafe(text, parameters, options) {
      const rows = unsafe(text, parameters, options);
      return text.includes('.claim(') ? late(rows) : rows;
    },
  };
  return {
    sql: Object.assign(sql, changed),
    looked: looked.given,
    heard: heard.given,
    answer: answered.give,
  };
}

onPostgres('an invoked task', (use) => {
  it('runs once with its payload, and its result is kept', async () => {
    const { conductor, orchestrator, row } = engine(use);
    const seen: unknown[] = [];
    const task = conductor.createTask({ name: 'double' }, invocable, async (event, ctx) => {
      seen.push([event, ctx.executionId, ctx.attempt]);
      return { doubled: (event.payload as { n: number }).n * 2 };
    });
    const id = await conductor.invoke({ name: 'double' }, { n: 21 });
    await orchestrator({ tasks: [task] }).drain();
    expect(seen).toEqual([[{ name: 'pgconductor.invoke', payload: { n: 21 } }, id, 1]]);
    expect(await row('history', id)).toMatchObject({
      outcome: 'completed',
      attempt: 1,
      result: { doubled: 42 },
    });
    expect(await row('execution', id)).toBeUndefined();
  });

  it.each([[undefined], [null], [0], [''], ['"'], [[1, null]], [{ a: { 'b"c': '\\u0000 é 😀' } }]])(
    'gets the payload %j as it was given',
    async (payload) => {
      const { conductor, orchestrator } = engine(use);
      const seen: unknown[] = [];
      const task = conductor.createTask(
        { name: 'see' },
        invocable,
        async (event) => void seen.push(event.payload),
      );
      await conductor.invoke({ name: 'see' }, [{ payload }]);
      await orchestrator({ tasks: [task] }).drain();
      expect(seen).toEqual([payload]);
    },
  );

  it('is started by an orchestrator that runs already', async () => {
    const { conductor, orchestrator, reached } = engine(use);
    const task = conductor.createTask({ name: 'noop' }, invocable, async () => {});
    await orchestrator({ tasks: [task] }).start();
    await reached(await conductor.invoke({ name: 'noop' }), 'completed');
  });

  it('is found although word of it came while a look that was too early was still under way', async () => {
    const { sql, looked, heard, answer } = lateAnswers(use);
    const { conductor, orchestrator, reached } = engine(use, { sql });
    const task = conductor.createTask({ name: 'noop' }, invocable, async () => {});
    await orchestrator({ tasks: [task], pollMs: 60_000 }).start();
    await looked;
    const id = await conductor.invoke({ name: 'noop' });
    await heard;
    answer();
    await reached(id, 'completed');
  });

  it('exists when the transaction of its caller commits, and not before', async () => {
    const { conductor, orchestrator, states, reached } = engine(use);
    const task = conductor.createTask({ name: 'noop' }, invocable, async () => {});
    await orchestrator({ tasks: [task] }).start();
    let id: string | null = null;
    await use.sql.begin(async (tx) => {
      id = await conductor.invoke({ name: 'noop' }, undefined, { sql: tx });
      expect(await states()).toEqual({});
    });
    await reached(id, 'completed');
  });

  it.each([
    ['was migrated by this conductor', true],
    ['had been migrated before', false],
  ])('needs no connection beside that of the transaction when the schema %s', async (_when, isBySame) => {
    const { conductor: other, schema } = engine(use);
    const sql = postgres(use.url, { max: 2, onnotice: () => {} });
    onTestFinished(() => sql.end({ timeout: 0 }));
    const conductor = Conductor.create({ sql, schema });
    await (isBySame ? conductor : other).migrate();
    const inTransaction = () =>
      sql.begin(async (tx) => {
        await tx`select 'the transaction has a connection'`;
        await conductor.emit('seen', 1, { sql: tx });
        return conductor.invoke({ name: 'noop' }, undefined, { sql: tx });
      });
    const ids = await Promise.all([1, 2, 3, 4].map(inTransaction));
    expect(new Set(ids).size).toBe(4);
  });

  it('needs no connection beside that of the transaction while a migration waits for one', async () => {
    const { conductor: other, schema } = engine(use);
    await other.migrate();
    const sql = postgres(use.url, { max: 2, onnotice: () => {} });
    onTestFinished(() => sql.end({ timeout: 0 }));
    const conductor = Conductor.create({ sql, schema });
    const [first, second, asked] = [signal(), signal(), signal()];
    const inTransaction = ({ give }: Signal) =>
      sql.begin(async (tx) => {
        await tx`select 'the transaction has a connection'`;
        give();
        await asked.given;
        return conductor.invoke({ name: 'noop' }, undefined, { sql: tx });
      });
    const transactions = [inTransaction(first), inTransaction(second)];
    await Promise.all([first.given, second.given]);
    const waiting = conductor.invoke({ name: 'noop' });
    asked.give();
    const ids = await Promise.all([...transactions, waiting]);
    expect(new Set(ids).size).toBe(3);
  });

  it('is one also in a transaction of a role that may not see what is migrated', async () => {
    const { conductor: other, schema } = engine(use);
    await other.migrate();
    const conductor = Conductor.create({ sql: use.pool, schema });
    const role = use.sql(`invoker_${use.url.slice(-12)}`);
    const own = use.sql(schema);
    await use.sql`create role ${role}`;
    onTestFinished(async () => {
      await use.sql`drop owned by ${role}`;
      await use.sql`drop role ${role}`;
    });
    await use.sql`grant usage on schema ${own} to ${role}`;
    await use.sql`grant all on all tables in schema ${own} to ${role}`;
    await use.sql`grant all on all sequences in schema ${own} to ${role}`;
    await use.sql`revoke all on ${own}.migration from ${role}`;
    const id = await use.sql.begin(async (tx) => {
      await tx`set local role ${role}`;
      return conductor.invoke({ name: 'noop' }, undefined, { sql: tx });
    });
    expect(id).toEqual(expect.any(String));
  });

  it('never exists when that transaction does not commit', async () => {
    const { conductor, orchestrator, states } = engine(use);
    const task = conductor.createTask({ name: 'noop' }, invocable, async () => {});
    const rolledBack = use.sql.begin(async (tx) => {
      await conductor.invoke({ name: 'noop' }, undefined, { sql: tx });
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    await orchestrator({ tasks: [task] }).drain();
    expect(await states()).toEqual({});
  });
});

onPostgres('many invocations', (use) => {
  it('answer with their ids in order', async () => {
    const { conductor, invokeEach, orchestrator } = engine(use);
    const seen = new Map<string, unknown>();
    const task = conductor.createTask({ name: 'see' }, invocable, async (event, ctx) => {
      seen.set(ctx.executionId, event.payload);
    });
    const ids = await invokeEach('see', [...Array(12_000).keys()]);
    await orchestrator({ tasks: [task] }).drain();
    expect(seen.size).toBe(12_000);
    expect(ids.map((id) => seen.get(id ?? ''))).toEqual(Array.from({ length: 12_000 }, (_, index) => index));
  });

  it('are refused when options are given for all of them, which would not hold', async () => {
    const { conductor } = engine(use);
    const options = { delayMs: 1_000 } as object;
    const invoked = conductor.invoke({ name: 'job' }, [{ payload: 1 }], options);
    await expect(invoked).rejects.toMatchObject({ code: 'THROUGHLINE_OPTION_INVALID' });
  });

  it.each(['', 'a\0', '\ud800', 'x'.repeat(256)])(
    'are refused for a task that cannot be named %j',
    async (name) => {
      const { conductor } = engine(use);
      const invoked = conductor.invoke({ name }, [{ payload: 1 }]);
      await expect(invoked).rejects.toMatchObject({ code: 'THROUGHLINE_OPTION_INVALID' });
    },
  );

  it('are none when there are none', async () => {
    const { conductor } = engine(use);
    expect(await conductor.invoke({ name: 'noop' }, [])).toEqual([]);
  });

  it('are shared by orchestrators, each run by one', async () => {
    const { conductor, invokeEach, orchestrator, states } = engine(use);
    const runs: string[] = [];
    const task = conductor.createTask(
      { name: 'noop' },
      invocable,
      async (_, ctx) => void runs.push(ctx.executionId),
    );
    const ids = await invokeEach('noop', [...Array(3_000).keys()]);
    await Promise.all([1, 2, 3].map(() => orchestrator({ tasks: [task] }).drain()));
    expect(runs.sort()).toEqual([...ids].sort());
    expect(new Set(Object.values(await states()))).toEqual(new Set(['completed']));
  });
});
