import type { Migration } from './migration.ts';

/**
 * Tasks that are started again and again.
 *
 * The clock of the database decides when a schedule is due; when it is due next, workers reckon, for cron expressions are read
 * there. A tick is taken by writing the next one over it, so that one execution follows from it, whoever saw it. After an
 * outage the next one is reckoned from now: what was missed meanwhile is made up for once.
 *
 * Schedules of programs and those that handlers make are told apart by is_static, so that neither removes the other.
 */
export const schedules: Migration = {
  name: '0010-schedules',
  sql: (schema) => `
create table schedule (
  task text,
  is_static boolean,
  name text,
  cron text not null,
  time_zone text not null,
  payload json,
  since timestamptz not null,
  next_at timestamptz,
  ticks bigint not null default 0,
  last_at timestamptz,
  last_lag interval,
  primary key (task, is_static, name)
);

create index schedule_next on schedule (next_at nulls first);

-- Brings the schedules of programs in line with their triggers.
create function arrange_schedules() returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  delete from schedule s where is_static
    and not exists (select from task_trigger t where t.active and t.kind = 'cron' and t.task = s.task and t.name = s.name);
  insert into schedule as s (task, is_static, name, cron, time_zone, since)
  select task, true, name, definition ->> 'cron', definition ->> 'timeZone', clock()
  from task_trigger where active and kind = 'cron'
  on conflict (task, is_static, name) do update set
    cron = excluded.cron, time_zone = excluded.time_zone, since = excluded.since, next_at = null
  where s.cron <> excluded.cron or s.time_zone <> excluded.time_zone;
$$;

-- request: { task, name, cron, timeZone, payload, absent }. One that exists and is meant to come at the same times keeps its
-- next tick.
create function schedule(request json) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  perform demand_time_zone(request ->> 'timeZone', request ->> 'task', request ->> 'name');
  insert into schedule as s (task, is_static, name, cron, time_zone, payload, since)
  values (request ->> 'task', false, request ->> 'name', request ->> 'cron', request ->> 'timeZone',
    stored_payload(request -> 'payload', (request ->> 'absent')::boolean), clock())
  on conflict (task, is_static, name) do update set payload = excluded.payload,
    cron = excluded.cron, time_zone = excluded.time_zone,
    since = case when s.cron = excluded.cron and s.time_zone = excluded.time_zone then s.since else excluded.since end,
    next_at = case when s.cron = excluded.cron and s.time_zone = excluded.time_zone then s.next_at end;
end
$$;

create function unschedule(request json) returns boolean language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  delete from schedule where task = request ->> 'task' and name = request ->> 'name' and not is_static;
  return found;
end
$$;

-- Answers { now, nextMs: until the next tick, null for never, due: [{ task, isStatic, name, cron, timeZone, since, dueAt: null
-- when it has not been reckoned }] }; moments in milliseconds since the epoch.
create function due_schedules(maximum integer) returns text language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
begin
  return (select json_build_object('now', epoch_ms(now_is),
    'nextMs', (select date_part('epoch', min(next_at) - now_is) * 1000 from schedule
      where next_at > now_is and next_at < 'infinity'),
    'due', coalesce((select json_agg(json_build_object('task', task, 'isStatic', is_static, 'name', name, 'cron', cron,
        'timeZone', time_zone, 'since', epoch_ms(since), 'dueAt', epoch_ms(next_at)))
      from (select * from schedule where next_at is null or next_at <= now_is
        order by next_at nulls first limit maximum) as due), '[]')))::text;
end
$$;

-- request: { task, isStatic, name, cron, timeZone, dueAt: as it was told, next: null for never again }. Takes a tick and
-- starts its execution; of one that had not been reckoned, notes when it is due. Answers whether nobody else did before.
create function tick(request json) returns boolean language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
  due_at timestamptz := to_timestamp((request ->> 'dueAt')::double precision / 1000);
  taken schedule;
begin
  update schedule set
    next_at = coalesce(to_timestamp((request ->> 'next')::double precision / 1000), 'infinity'),
    ticks = ticks + (due_at is not null)::integer,
    last_at = coalesce(due_at, last_at),
    last_lag = coalesce(now_is - due_at, last_lag)
  where task = request ->> 'task' and is_static = (request ->> 'isStatic')::boolean and name = request ->> 'name'
    and cron = request ->> 'cron' and time_zone = request ->> 'timeZone'
    and next_at is not distinct from due_at and (due_at is null or due_at <= now_is)
  returning * into taken;
  if not found then
    return false;
  end if;
  if due_at is not null then
    perform enqueue(json_build_object('task', taken.task, 'notify', true, 'items', json_build_array(json_build_object(
      'run_at', due_at,
      'trigger', case when taken.is_static then taken.name end,
      'absent', not taken.is_static and taken.payload is null,
      'payload', case when taken.is_static
        then json_build_object('schedule', taken.name, 'dueAt', to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        else taken.payload end))));
  end if;
  return true;
end
$$;
`,
};
