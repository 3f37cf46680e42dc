import type { TraceContext } from '@throughline/core';
import { query } from '../database/query.ts';
import type { SqlClient } from '../database/sql-client.ts';
import { demandName } from '../options/demand-name.ts';
import { payloadText } from '../task/payload-text.ts';
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
  if (telemetry === undefined) return keepEvent(core, emission, undefined, transaction);
  return withEmitSpan(telemetry, emission.event, emission.parent, (carrier) =>
    keepEvent(core, emission, carrier, transaction),
  );
}

async function keepEvent(
  core: ConductorCore,
  { event, payload }: Emission,
  carrier: string | undefined,
  transaction: SqlClient | undefined,
): Promise<string> {
  demandName('emit.event', event);
  const owner = { name: event, payload: emittedEvent(core, event)?.payload };
  const text = await payloadText('event', owner, payload, core.maxPayloadBytes);
  await core.ready();
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
