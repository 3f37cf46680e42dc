import { isThroughlineError } from '@throughline/core';
import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import { failureKind, isUnreachable } from '../database/failure-kind.ts';
import { query } from '../database/query.ts';
import type { SqlClient, SqlPool } from '../database/sql-client.ts';
import { payloadText } from '../task/payload-text.ts';
import type { InvokedTask } from '../task/task-catalog.ts';
import type { ConductorCore } from './conductor-core.ts';
import type { InvokeOptions, InvokeRow } from './invoke-options.ts';

/** One of the invocations of a call. */
export interface Invocation {
  readonly payload: unknown;
  readonly options: InvokeOptions | undefined;
  /** The same, as the database takes them. */
  readonly row: InvokeRow;
  /** JSON, for the row. */
  readonly carrier?: string | undefined;
}

/** Of the execution; negative when the invocation replaced what waited under its key, `null` when it was throttled. */
export type EnqueuedId = number | null;

/** As the caller gets it. */
export function executionId(id: EnqueuedId): string | null {
  return id === null ? null : String(Math.abs(id));
}

const maxItems = 5_000;
const maxCharacters = 16 * 2 ** 20;

/**
 * Validates and stores invocations, all of them or none.
 *
 * @param transaction of the caller; without, a statement of our own
 * @returns ids in order
 */
export async function invokeAll(
  core: ConductorCore,
  task: InvokedTask,
  invocations: readonly Invocation[],
  transaction: SqlClient | undefined,
): Promise<EnqueuedId[]> {
  const items = await Promise.all(invocations.map((one) => itemText(core, task, one)));
  await core.schema.ready(transaction);
  if (items.length === 0) return [];
  const requests = requestTexts(task, items, transaction !== undefined);
  const [only] = requests;
  if (only !== undefined && requests.length === 1) return send(core, transaction ?? core.database.sql, only);
  if (transaction !== undefined) return sendEach(core, transaction, requests);
  return together(core.database.sql, (own) => sendEach(core, own, requests));
}

async function itemText(
  core: ConductorCore,
  task: InvokedTask,
  { payload, row, carrier }: Invocation,
): Promise<string> {
  const text = await payloadText('task', task, payload, core.maxPayloadBytes);
  const trace = carrier === undefined ? '' : `,"trace":${carrier}`;
  const start = payload === undefined ? `{"absent":true${trace}` : `{"payload":${text}${trace}`;
  const rest = JSON.stringify(row);
  return rest === '{}' ? `${start}}` : `${start},${rest.slice(1)}`;
}

/** In requests of a size that neither side minds. */
function requestTexts(
  { name, queue }: InvokedTask,
  items: readonly string[],
  isTransaction: boolean,
): string[] {
  const head = JSON.stringify({
    task: name,
    queue,
    notify: isTransaction,
    admit: !isTransaction,
    marks: true,
  });
  const requests: string[] = [];
  let [from, size] = [0, 0];
  items.forEach((item, index) => {
    size += item.length;
    const isLast = index === items.length - 1;
    if (!isLast && index + 1 - from < maxItems && size < maxCharacters) return;
    requests.push(`${head.slice(0, -1)},"items":[${items.slice(from, index + 1).join(',')}]}`);
    [from, size] = [index + 1, 0];
  });
  return requests;
}

async function together<Answer>(sql: SqlPool, work: (own: SqlClient) => Promise<Answer>): Promise<Answer> {
  try {
    return (await sql.begin(work)) as Answer;
  } catch (error) {
    if (isThroughlineError(error) || !isUnreachable(error)) throw error;
    throw new DatabaseUnavailableError('invoke', failureKind(error) === 'unknown', error);
  }
}

async function sendEach(
  core: ConductorCore,
  sql: SqlClient,
  requests: readonly string[],
): Promise<EnqueuedId[]> {
  const answers: EnqueuedId[][] = [];
  for (const request of requests) answers.push(await send(core, sql, request));
  return answers.flat();
}

async function send({ queries }: ConductorCore, sql: SqlClient, request: string): Promise<EnqueuedId[]> {
  const { answer } = await query<{ answer: string }>(sql, queries.invoke, [request]);
  return JSON.parse(answer);
}
