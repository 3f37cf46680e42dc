import { demandOptions, type TraceContext } from '@throughline/core';
import { query } from '../database/query.ts';
import { demandSqlClient, type SqlClient } from '../database/sql-client.ts';
import { demandName } from '../options/demand-name.ts';
import { payloadText } from '../task/payload-text.ts';
import type { StandardSchema } from '../task/standard-schema.ts';
import { emittedEvent } from '../task/task-catalog.ts';
import { withEmitSpan } from '../telemetry/emit-span.ts';
import type { ConductorCore } from './conductor-core.ts';

/** How an event is emitted. */
export interface EmitOptions {
  /**
   * A transaction of yours, the `tx` of `sql.begin`: the event happens when it commits, and never when it does not.
   *
   * @default a statement of its own
   */
  readonly sql?: SqlClient | undefined;
}

/**
 * The client that the options name.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function emitClient(options: EmitOptions | undefined): SqlClient | undefined {
  if (options === undefined) return undefined;
  demandOptions('emit', options, { sql: true });
  if (options.sql !== undefined) demandSqlClient('emit.sql', options.sql);
  return options.sql;
}

/** What is emitted. */
export interface Emission {
  readonly event: string;
  readonly payload: unknown;
  /** The span that it is a part of, where none is active. */
  readonly parent?: TraceContext | undefined;
}

/**
 * Keeps an event, starts the tasks that it triggers, and lets those go on that wait for it: all of it, or nothing.
 *
 * @returns the id of the event, decimal digits
 * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
 */
export async function emitEvent(
  core: ConductorCore,
  emission: Emission,
  transaction: SqlClient | undefined,
): Promise<string> {
  const { telemetry } = core;
  demandName('emit.event', emission.event);
  const { payload: schema } = emittedEvent(core, emission.event) ?? {};
  if (telemetry === undefined) return keepEvent(core, emission, schema, undefined, transaction);
  return withEmitSpan(telemetry, emission.event, emission.parent, (carrier) =>
    keepEvent(core, emission, schema, carrier, transaction),
  );
}

async function keepEvent(
  core: ConductorCore,
  { event, payload }: Emission,
  schema: StandardSchema | undefined,
  carrier: string | undefined,
  transaction: SqlClient | undefined,
): Promise<string> {
  const text = await payloadText('event', { name: event, payload: schema }, payload, core.maxPayloadBytes);
  await core.schema.ready(transaction);
  const { answer } = await query<{ answer: string | number }>(
    transaction ?? core.database.sql,
    core.queries.emit,
    [requestText(event, payload === undefined ? undefined : text, carrier)],
  );
  return String(answer);
}

function requestText(event: string, payload: string | undefined, carrier: string | undefined): string {
  const brought = payload === undefined ? '' : `,"payload":${payload}`;
  const trace = carrier === undefined ? '' : `,"trace":${carrier}`;
  return `{"event":${JSON.stringify(event)}${brought}${trace}}`;
}
