import { formatCarrier, isValidTraceContext, type TraceContext } from '@throughline/core';
import type { SqlClient } from '../database/sql-client.ts';
import type { InvokedTask } from '../task/task-catalog.ts';
import type { EngineTelemetry } from '../telemetry/engine-telemetry.ts';
import { TaskSend } from '../telemetry/task-send.ts';
import type { ConductorCore } from './conductor-core.ts';
import { type EnqueuedId, executionId, type Invocation, invokeAll } from './invoke.ts';

/**
 * {@link invokeAll} with a `send` span for each invocation, whose carrier is written with its row.
 *
 * Without telemetry a context that the caller gives still reaches the row: the thread is passed on, not cut.
 */
export async function invokeTraced(
  core: ConductorCore,
  task: InvokedTask,
  invocations: readonly Invocation[],
  transaction: SqlClient | undefined,
): Promise<(string | null)[]> {
  const { telemetry } = core;
  const ids =
    telemetry === undefined
      ? await invokeAll(
          core,
          task,
          invocations.some(hasTrace) ? invocations.map(passedOn) : invocations,
          transaction,
        )
      : await sendAll(core, telemetry, task, invocations, transaction);
  return ids.map(executionId);
}

async function sendAll(
  core: ConductorCore,
  telemetry: EngineTelemetry,
  task: InvokedTask,
  invocations: readonly Invocation[],
  transaction: SqlClient | undefined,
): Promise<EnqueuedId[]> {
  const startedAt = performance.now();
  const traced = telemetry.task(task.name, task.queue);
  const isBulk = invocations.length >= telemetry.settings.bulkThreshold;
  const sends = invocations.map(
    ({ payload, options }) =>
      new TaskSend(telemetry, traced, {
        span: traced.sendSpan,
        payload,
        parent: options?.trace,
        relation: options?.relation,
        isBulk,
        isInTransaction: transaction !== undefined,
      }),
  );
  const carrying = invocations.map((one, index) => ({ ...one, carrier: sends[index]?.carrier }));
  try {
    const ids = await invokeAll(core, task, carrying, transaction);
    for (const [index, send] of sends.entries()) {
      const id = ids[index] ?? null;
      send.sent(executionId(id), id !== null && id < 0);
    }
    telemetry.sent(traced, sends.length, startedAt);
    return ids;
  } catch (error) {
    for (const send of sends) send.failed(error);
    telemetry.sent(traced, sends.length, startedAt, error);
    throw error;
  }
}

function hasTrace({ options }: Invocation): boolean {
  return options?.trace !== undefined;
}

function passedOn(invocation: Invocation): Invocation {
  const trace: TraceContext | undefined = invocation.options?.trace;
  const relation = invocation.options?.relation;
  if (!isValidTraceContext(trace)) return invocation;
  return { ...invocation, carrier: formatCarrier(trace, relation === 'auto' ? undefined : relation) };
}
