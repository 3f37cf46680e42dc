import type { Query, QueryDone } from './query.ts';

/** The statements about events, triggers and schedules, and look-ups. */
export interface TriggerQueries {
  readonly emit: Query;
  readonly registerTriggers: Query;
  readonly arrangeTriggers: Query;
  readonly knowsWorker: Query;
  readonly takeTriggerFailures: Query;
  readonly sweepEvents: Query;
  readonly staleRowTriggers: Query;
  readonly writeRowFunction: Query;
  readonly attachRowTrigger: Query;
  readonly schedule: Query;
  readonly unschedule: Query;
  readonly dueSchedules: Query;
  readonly tick: Query;
  readonly lookUp: Query;
}

const mostDue = 100;

/**
 * @param schema quoted
 * @param onDone told of each one that is over
 * @param schemaName for people
 */
export function triggerQueries(
  schema: string,
  onDone: QueryDone | undefined,
  schemaName: string,
): TriggerQueries {
  const ask = (label: string, call: string, isRepeatable = true): Query => ({
    label,
    text: `select ${schema}.${call} as answer`,
    isRepeatable,
    onDone,
    schema: schemaName,
  });
  const json = '($1::text::json)';
  return {
    emit: ask('emit', `emit${json}`, false),
    registerTriggers: ask('register', `register_triggers${json}::text`),
    arrangeTriggers: ask('triggers', 'arrange_triggers()::text'),
    knowsWorker: ask('triggers', 'knows_worker($1)'),
    takeTriggerFailures: ask('triggers', 'take_trigger_failures()'),
    sweepEvents: ask('events', 'sweep_events()'),
    staleRowTriggers: ask('triggers', 'stale_row_triggers()'),
    writeRowFunction: ask('triggers', `write_row_function${json}::text`),
    attachRowTrigger: ask('triggers', `attach_row_trigger${json}::text`),
    schedule: ask('schedule', `schedule${json}::text`),
    unschedule: ask('schedule', `unschedule${json}`),
    dueSchedules: ask('cron', `due_schedules(${mostDue})`),
    tick: ask('cron', `tick${json}`),
    lookUp: ask('get', 'look_up($1::text::bigint)'),
  };
}
