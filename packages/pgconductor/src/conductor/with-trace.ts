import { formatCarrier, isValidTraceContext, type TraceContext } from '@throughline/core';
import { demandSqlClient, isPool, type SqlClient, type SqlPool } from '../database/sql-client.ts';

/**
 * Lets what happens in a transaction be part of a trace: tasks that rows trigger, and events, continue it.
 *
 * It holds for the statements that `work` sends through the client that it is given, and costs two statements. A context that
 * is none is ignored.
 *
 * @param sql a transaction of yours, the `tx` of `sql.begin`; or a client, of which a transaction is begun
 * @returns what `work` returns, whose errors pass
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for what is no client
 * @example
 * ```ts
 * import { createTraceContext } from '@throughline/core';
 * import { withTrace } from '@throughline/pgconductor';
 * import postgres from 'postgres';
 *
 * const sql = postgres('postgres://localhost/app');
 * await withTrace(sql, createTraceContext(), async (tx) => {
 *   await tx.unsafe(`insert into contact (name) values ('Ada')`); // the tasks of this row continue the trace
 * });
 * ```
 */
export async function withTrace<Client extends SqlClient, Result>(
  sql: Client,
  context: TraceContext | undefined,
  work: (sql: Client extends SqlPool ? SqlClient : Client) => PromiseLike<Result>,
): Promise<Result> {
  demandSqlClient('withTrace.sql', sql);
  const anyWork = work as (sql: SqlClient) => PromiseLike<Result>;
  if (!isPool(sql)) return carrying(sql, context, anyWork);
  return (await sql.begin((transaction) => carrying(transaction, context, anyWork))) as Result;
}

async function carrying<Result>(
  sql: SqlClient,
  context: TraceContext | undefined,
  work: (sql: SqlClient) => PromiseLike<Result>,
): Promise<Result> {
  const carrier = isValidTraceContext(context) ? formatCarrier(context) : '';
  const before = await setCarrier(sql, carrier);
  const result = await work(sql);
  await setCarrier(sql, before);
  return result;
}

/** Until the transaction ends. When `work` fails, so does the transaction, or what of it the caller rolls back. */
async function setCarrier(sql: SqlClient, carrier: string): Promise<string> {
  const [row] = await sql.unsafe(
    `with before as materialized (select current_setting('pgconductor.trace', true) as carrier)
    select carrier, set_config('pgconductor.trace', $1, true) from before`,
    [carrier],
  );
  return typeof row?.carrier === 'string' ? row.carrier : '';
}
