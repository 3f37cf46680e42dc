import { demandOptions } from '@throughline/core';
import { query } from '../database/query.ts';
import { demandName } from '../options/demand-name.ts';
import { resolveCron } from '../schedule/cron.ts';
import { payloadText } from '../task/payload-text.ts';
import { invokedTask } from '../task/task-catalog.ts';
import type { ScheduleOptions, TaskReference } from '../task/task-context.ts';
import { triggerError } from '../task/trigger-invalid-error.ts';
import type { ConductorCore } from './conductor-core.ts';

/**
 * Invokes a task again and again. One of that name that comes at the same times keeps its next tick.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
 * @throws TriggerInvalidError `THROUGHLINE_PGCONDUCTOR_TRIGGER_INVALID` for a time zone that the database does not know
 */
export async function scheduleTask(
  core: ConductorCore,
  task: TaskReference,
  options: ScheduleOptions,
  payload: unknown,
): Promise<void> {
  const invoked = invokedTask(core, 'schedule', task);
  demandOptions('schedule', options, { name: true, cron: true, timeZone: true });
  demandName('schedule.name', options.name);
  const { expression, timeZone } = resolveCron('schedule', options.cron, options.timeZone);
  const text = await payloadText('task', invoked, payload, core.maxPayloadBytes);
  await core.schema.ready();
  const head = JSON.stringify({ task: invoked.name, name: options.name, cron: expression, timeZone });
  const brought = payload === undefined ? '"absent":true' : `"payload":${text}`;
  try {
    await query(core.database.sql, core.queries.schedule, [`${head.slice(0, -1)},${brought}}`]);
  } catch (error) {
    throw triggerError(error);
  }
}

/** @returns `false` when there was none */
export async function unscheduleTask(
  core: ConductorCore,
  task: TaskReference,
  schedule: string,
): Promise<boolean> {
  const { name } = invokedTask(core, 'unschedule', task);
  demandName('unschedule.schedule', schedule);
  await core.schema.ready();
  const request = JSON.stringify({ task: name, name: schedule });
  const { answer } = await query<{ answer: boolean }>(core.database.sql, core.queries.unschedule, [request]);
  return answer;
}
