import type { Migration } from './migration.ts';

/** What other clients ask for: invocations from any language, look-ups, and the state of everything. */
export const clients: Migration = {
  name: '0011-clients',
  sql: (schema) => `
-- Refuses an object with a field that does not exist: one that is mistyped would silently not hold.
create function demand_fields(what text, given json, known text[]) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  unknown_field text;
begin
  if coalesce(json_typeof(given), 'null') <> 'object' then
    raise exception '%: give a JSON object with %', what, array_to_string(known, ', ');
  end if;
  select field into unknown_field from json_object_keys(given) as field where not field = any (known);
  if found then
    raise exception '%: there is no field "%"', what, unknown_field using hint = 'There are ' || array_to_string(known, ', ') || '.';
  end if;
end
$$;

-- One invocation as enqueue takes it. given: as an item of invoke
create function invocation(given json) returns json language plpgsql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  throttle json := given -> 'throttle';
  debounce json := given -> 'debounce';
  carrier json := coalesce(given -> 'trace', carried_trace());
begin
  if throttle is not null then
    perform demand_fields('invoke.throttle', throttle, '{windowMs,key}');
    if throttle ->> 'windowMs' is null then
      raise exception 'invoke.throttle: windowMs is missing';
    end if;
  end if;
  if debounce is not null then
    perform demand_fields('invoke.debounce', debounce, '{delayMs,key}');
    if debounce ->> 'delayMs' is null or given ->> 'delayMs' is not null or given ->> 'runAt' is not null
      or given ->> 'dedupeKey' is not null then
      raise exception 'invoke.debounce: give delayMs in it, and no delayMs, runAt or dedupeKey beside it';
    end if;
  end if;
  if given ->> 'delayMs' is not null and given ->> 'runAt' is not null then
    raise exception 'invoke: give either delayMs or runAt';
  end if;
  if not isfinite((given ->> 'runAt')::timestamptz) then
    raise exception 'invoke: runAt is no moment';
  end if;
  if length(carrier::text) > 1024 then
    carrier := null;
  end if;
  perform (given -> 'payload')::jsonb; -- refuses what no client could read
  return (select json_object_agg(field, value) from json_each(json_build_object(
    'payload', given -> 'payload', 'absent', given -> 'payload' is null,
    'run_at', given -> 'runAt', 'delay_ms', coalesce(debounce -> 'delayMs', given -> 'delayMs'), 'priority', given -> 'priority',
    'dedupe_key', case when debounce is null then given ->> 'dedupeKey' else coalesce(debounce ->> 'key', 'debounce') end,
    'throttle_key', case when throttle is not null then coalesce(throttle ->> 'key', '') end,
    'throttle_ms', throttle -> 'windowMs', 'trace', carrier)) as t (field, value)
    where field = 'absent' or json_typeof(value) <> 'null' or field = 'payload' and given -> 'payload' is not null);
end
$$;

-- request: { task, queue: of a task that no orchestrator has told of yet, payload, runAt, delayMs, priority, dedupeKey,
--   throttle: { windowMs, key }, debounce: { delayMs, key }, trace: { traceparent, tracestate } },
--   or { task, queue, items: [{ payload, runAt, … }] }
-- Answers one row for each invocation, in order: the id of its execution, or null when it was throttled.
create function invoke(request json) returns setof bigint language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  own text[] := '{payload,runAt,delayMs,priority,dedupeKey,throttle,debounce,trace}';
  items json := request -> 'items';
begin
  perform demand_fields('invoke', request, case when items is null then own else '{items}' end || '{task,queue}'::text[]);
  if coalesce(request ->> 'task', '') = '' then
    raise exception 'invoke: task is missing' using hint = 'Give {"task": "name", "payload": …}.';
  end if;
  if items is null then
    items := json_build_array(request);
  else
    perform demand_fields('invoke.items', value, own) from json_array_elements(items);
  end if;
  return query select value::bigint from json_array_elements_text(enqueue(json_build_object(
    'task', request ->> 'task', 'queue', request ->> 'queue', 'notify', true,
    'items', (select coalesce(json_agg(invocation(value) order by place), '[]')
      from json_array_elements(items) with ordinality as t (value, place))))::json);
end
$$;

-- What is known of an execution, as a JSON object; null for nothing. Moments in milliseconds since the epoch.
create function look_up(execution_id bigint) returns text language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select json_build_object('id', id::text, 'task', task, 'queue', queue, 'state', state, 'attempt', attempt, 'failures', failures,
    'priority', priority, 'parent', parent::text, 'dedupeKey', dedupe_key, 'event', coalesce(trigger, 'pgconductor.invoke'),
    'enqueuedAt', epoch_ms(enqueued_at), 'runAt', case when run_at < 'infinity' then epoch_ms(run_at) end,
    'finishedAt', epoch_ms(finished_at), 'payload', payload, 'result', result, 'error', error)::text
  from (
    select id, task, queue, state, attempt, failures, priority, parent, dedupe_key, trigger, enqueued_at, run_at,
      null::timestamptz as finished_at, payload, null::json as result, error
    from execution where id = execution_id
    union all
    select id, task, queue, outcome, attempt, failures, priority, parent, dedupe_key, trigger, enqueued_at, run_at,
      finished_at, payload, result, error
    from history where id = execution_id
    union all
    select id, task, queue, 'succeeding', 0, 0, priority, null, dedupe_key, trigger, enqueued_at, run_at, null, payload, null, null
    from successor where id = execution_id
  ) as found;
$$;

-- The state of everything, as a JSON object; durations in milliseconds, moments in milliseconds since the epoch.
create function status() returns text language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  with failed as (
    select queue, task, count(*) as count, max(finished_at) as last_at,
      (array_agg(error ->> 'message' order by finished_at desc))[1] as last_error
    from history where outcome = 'failed' and finished_at > clock() - interval '1 day' group by queue, task
  ), counted as (
    select queue, state, count(*) as count, min(run_at) filter (where state = 'ready') as ready_since
    from execution group by queue, state
    union all
    select queue, 'succeeding', count(*), null from successor group by queue
  )
  select json_build_object(
    'now', epoch_ms(clock()),
    'migrations', (select json_agg(json_build_object('name', name, 'isBreaking', is_breaking, 'appliedAt', epoch_ms(applied_at))
      order by name collate "C") from migration),
    'queues', coalesce((select json_agg(json_build_object('queue', name,
        'states', coalesce((select json_object_agg(state, count order by state) from counted where queue = name), '{}'),
        'oldestReadyMs', (select (date_part('epoch', clock() - min(ready_since)) * 1000)::bigint from counted where queue = name),
        'failedLastDay', (select coalesce(sum(count), 0) from failed where queue = name)) order by name)
      from (select queue from counted union select queue from task union select queue from failed) as every (name)), '[]'),
    'workers', coalesce((select json_agg(json_build_object('id', w.id, 'host', w.host, 'pid', w.pid, 'queues', w.queues,
        'schemaVersion', w.schema_version, 'startedAt', epoch_ms(w.started_at),
        'lastSeenMs', (date_part('epoch', clock() - w.seen_at) * 1000)::bigint,
        'aliveForMs', (date_part('epoch', w.until - clock()) * 1000)::bigint,
        'isSilent', clock() - w.seen_at > (w.until - w.seen_at) / 2,
        'leases', (select count(*) from lease l where l.worker = w.id),
        'running', (select count(*) from execution e join lease l on l.id = e.lease where l.worker = w.id)) order by w.started_at)
      from worker w), '[]'),
    'failedLastDay', coalesce((select json_agg(json_build_object('task', task, 'count', count, 'lastError', last_error)
        order by count desc, task)
      from (select task, sum(count) as count, (array_agg(last_error order by last_at desc))[1] as last_error
        from failed group by task) as by_task), '[]'),
    'schedules', coalesce((select json_agg(json_build_object('task', task, 'name', name, 'cron', cron, 'timeZone', time_zone,
        'isStatic', is_static, 'nextAt', epoch_ms(finite), 'ticks', ticks,
        'lateMs', greatest((date_part('epoch', clock() - finite) * 1000)::bigint, 0),
        'lastLagMs', (date_part('epoch', last_lag) * 1000)::bigint) order by task, name)
      from (select *, case when next_at < 'infinity' then next_at end as finite from schedule) as s), '[]')
  )::text;
$$;
`,
};
