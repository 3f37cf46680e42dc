import { randomUUID } from 'node:crypto';
import { demandOption, demandOptions } from '@throughline/core';
import { type Query, query } from '../database/query.ts';
import { demandExecutionId } from '../options/demand-execution-id.ts';
import type { CancelOptions } from '../task/task-context.ts';
import { withCancelSpan } from '../telemetry/cancel-span.ts';
import type { ConductorCore } from './conductor-core.ts';

/** @returns `false` when it had ended, or never was */
export async function cancelExecution(
  { database, queries, schema, telemetry }: ConductorCore,
  executionId: string,
  options: CancelOptions = {},
): Promise<boolean> {
  demandExecutionId('cancel.executionId', executionId);
  demandOptions('cancel', options, { reason: true });
  const reason = reasonOf(options);
  await schema.ready();
  const teller = telemetry && randomUUID();
  const ask = async (statement: Query, request: object): Promise<string> =>
    (await query<{ answer: string }>(database.sql, statement, [JSON.stringify(request)])).answer;
  const request = { id: Number(executionId), reason, worker: teller };
  const answer = await (telemetry === undefined
    ? ask(queries.cancel, request)
    : withCancelSpan(
        telemetry,
        executionId,
        () => ask(queries.cancelAndTell, request),
        (told) => ask(queries.forgetEndings, { worker: teller, told }),
      ));
  return answer === 'canceled' || answer === 'canceling';
}

/** A message for people, so what PostgreSQL cannot keep of it is replaced. */
function reasonOf({ reason }: CancelOptions): string | undefined {
  demandOption(reason === undefined || typeof reason === 'string', 'cancel.reason', reason, 'a text');
  return reason?.replaceAll('\0', '\ufffd').replaceAll(/\p{Surrogate}/gu, '\ufffd');
}
