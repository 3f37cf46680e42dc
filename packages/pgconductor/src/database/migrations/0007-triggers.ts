import type { Migration } from './migration.ts';

/**
 * What starts tasks besides invocations, as the programs tell it, and events.
 *
 * Two versions of a program may run side by side and tell of the same trigger in two ways. For each task and each
 * `event.name` one way is active: the one that came last and that a living worker still knows. A trigger that no living
 * worker knows is removed as soon as one is there that runs its task; while nobody runs it, everything stays as it was, and
 * what happens meanwhile is kept.
 */
export const triggers: Migration = {
  name: '0007-triggers',
  sql: (schema) => `
create table task_trigger (
  key text primary key,
  place bigint generated always as identity,
  task text not null,
  name text not null,
  kind text not null check (kind in ('event', 'row', 'cron')),
  definition json not null,
  active boolean not null default false
);

create index task_trigger_event on task_trigger (name) where active and kind = 'event';

-- Conditions that failed: a row each, so that nobody waits for anybody; workers take them out and tell of them.
create table trigger_failure (
  trigger text not null,
  failed_at timestamptz not null,
  message text not null
);

create table worker_trigger (
  worker text not null references worker on delete cascade,
  task text not null,
  trigger text,
  unique (worker, task, trigger)
);

create table event (
  id bigint generated always as identity primary key,
  name text not null,
  transaction xid8 not null default pg_current_xact_id(),
  emitted_at timestamptz not null,
  payload json,
  trace_context json
);

create index event_transaction on event (transaction);

-- Executions that wait for an event. Which events came after a wait began is decided by the transactions that it could see.
create table event_wait (
  execution bigint not null,
  key text not null,
  event text not null,
  matching jsonb,
  seen pg_snapshot not null default pg_current_snapshot(),
  swept boolean not null default false,
  primary key (execution, key)
);

create index event_wait_event on event_wait (event);
create index event_wait_fresh on event_wait (execution, key) where not swept;

-- What the last sweep for events could see.
create table event_sweep (
  seen pg_snapshot not null
);

insert into event_sweep values (pg_current_snapshot());

create function lock_triggers() returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select pg_advisory_xact_lock(hashtext('pgconductor.triggers'), hashtext(current_schema()));
$$;

-- Refuses a condition that is not one boolean expression over the source. A cursor takes one statement only, so a condition
-- cannot bring along another one.
create function demand_condition(source text, condition text) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  ignored record;
begin
  if condition is not null then
    for ignored in execute format(E'select 1 from %s where (\\n%s\\n) limit 0', source, condition) loop
    end loop;
  end if;
end
$$;

create function demand_row_trigger(definition json) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  given_name text := format('%I.%I', definition ->> 'schema', definition ->> 'table');
  given_table regclass := to_regclass(given_name);
  missing text;
begin
  if given_table is null then
    raise exception 'there is no table %', given_name;
  end if;
  if not has_table_privilege(given_table, 'TRIGGER') then
    raise exception 'this role lacks the privilege TRIGGER on %', given_name;
  end if;
  if (select relkind not in ('r', 'p') from pg_class where oid = given_table) then
    raise exception '% is no table', given_name;
  end if;
  select string_agg(value, ', ') into missing from json_array_elements_text(definition -> 'columns')
  where not exists (select from pg_attribute where attrelid = given_table and attname = value and attnum > 0 and not attisdropped);
  if missing is not null then
    raise exception '% has no column %', given_name, missing;
  end if;
  perform demand_condition(case definition ->> 'operation'
    when 'insert' then format('(select * from %s) as new', given_name)
    when 'delete' then format('(select * from %s) as old', given_name)
    else format('(select * from %s) as old, (select * from %s) as new', given_name, given_name) end,
    definition ->> 'when');
end
$$;

create function refuse_trigger(task_name text, trigger_name text, problem text) returns void language plpgsql as $$
begin
  raise exception using errcode = 'TL001', message = problem,
    detail = json_build_object('task', task_name, 'trigger', trigger_name)::text;
end
$$;

create function demand_time_zone(time_zone text, task_name text, trigger_name text) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
begin
  perform now() at time zone time_zone;
exception when others then
  perform refuse_trigger(task_name, trigger_name, sqlerrm);
end
$$;

-- request: { worker, tasks: [name], triggers: [{ task, name, kind, definition }] }. Notes what a worker knows.
-- Raises TL001 with { task, trigger } as its detail for a trigger that cannot be.
create function register_triggers(request json) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  told record;
begin
  perform lock_triggers();
  delete from worker_trigger where worker = request ->> 'worker';
  insert into worker_trigger (worker, task) select request ->> 'worker', value from json_array_elements_text(request -> 'tasks');
  for told in
    select md5(json_build_array(task, name, kind, definition)::text) as key, task, name, kind, definition
    from json_to_recordset(request -> 'triggers') as t (task text, name text, kind text, definition json)
  loop
    begin
      case told.kind
        when 'event' then perform demand_condition('(select payload::jsonb as payload from event) as event', told.definition ->> 'when');
        when 'row' then perform demand_row_trigger(told.definition);
        else perform demand_time_zone(told.definition ->> 'timeZone', told.task, told.name);
      end case;
    exception when others then
      perform refuse_trigger(told.task, told.name, sqlerrm);
    end;
    insert into task_trigger (key, task, name, kind, definition) values (told.key, told.task, told.name, told.kind, told.definition)
    on conflict do nothing;
    insert into worker_trigger (worker, task, trigger) values (request ->> 'worker', told.task, told.key);
  end loop;
  perform arrange_triggers();
end
$$;

-- Decides which triggers are active.
create function arrange_triggers() returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  perform lock_triggers();
  with alive as (
    select t.task, t.trigger from worker_trigger t join worker w on w.id = t.worker where w.until > clock()
  )
  delete from task_trigger where task in (select task from alive)
    and key not in (select trigger from alive where trigger is not null);
  with last as (
    select task, name, max(place) as place from task_trigger group by task, name
  )
  update task_trigger t set active = t.place = last.place
  from last where last.task = t.task and last.name = t.name and t.active <> (t.place = last.place);
  perform arrange_schedules();
end
$$;

-- Whether a worker is registered. One that gave no sign of life for too long is not, and does not know it.
create function knows_worker(worker_id text) returns boolean language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select exists (select from worker where id = worker_id);
$$;

create function trigger_failed(failed_trigger text, problem text) returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  insert into trigger_failure (trigger, failed_at, message) values (failed_trigger, clock(), left(problem, 500));
$$;

-- Takes out what failed. Answers a JSON array of { task, trigger, count, message: the last one }.
create function take_trigger_failures() returns text language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  answer text;
begin
  if not exists (select from trigger_failure) then
    return '[]';
  end if;
  with taken as (
    delete from trigger_failure
    where ctid = any (array(select ctid from trigger_failure limit 10000 for update skip locked))
    returning trigger, failed_at, message
  )
  select json_agg(told)::text into answer from (
    select t.task, t.name as trigger, count(*), (array_agg(message order by failed_at desc))[1] as message
    from taken left join task_trigger t on t.key = taken.trigger group by t.task, t.name
  ) as told;
  return coalesce(answer, '[]');
end
$$;

-- The named fields of an object; all of it when none are named.
create function pick(whole json, names json) returns json language sql immutable as $$
  select case when names is null or whole is null then whole
    when json_typeof(whole) <> 'object' then '{}'
    else (select coalesce(json_object_agg(key, value), '{}') from json_each(whole)
      where key in (select json_array_elements_text(names))) end;
$$;

-- The carrier that withTrace left in this transaction; null for none, and for what is none.
create function carried_trace() returns json language plpgsql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  carrier text := current_setting('pgconductor.trace', true);
begin
  if carrier is null or carrier = '' or length(carrier) > 1024 then
    return null;
  end if;
  return carrier::json;
exception when others then
  return null;
end
$$;

-- Whether a condition holds for a payload. One that fails is counted, and does not.
create function holds(trigger_key text, condition text, given_payload json) returns boolean language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  ignored record;
begin
  if condition is null then
    return true;
  end if;
  for ignored in
    execute format(E'select 1 from (select $1::jsonb as payload) as event where (\\n%s\\n)', condition) using given_payload
  loop
    return true;
  end loop;
  return false;
exception when others then
  perform trigger_failed(trigger_key, sqlerrm);
  return false;
end
$$;

-- What has come of a wait for an event, as resolve_steps takes it.
create function heard(execution bigint, key text, payload json) returns json language sql immutable as $$
  select json_build_object('execution', execution, 'key', key, 'value', payload,
    'outcome', case when payload is null then 'none' else 'done' end);
$$;

-- Gives to those that wait what they could not be given when it was emitted: the event and the wait were made at the same
-- time, in transactions that did not see each other. One of the two is new to the first sweep that sees both. Answers how many
-- go on; one worker at a time.
create function sweep_events() returns integer language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp set lock_timeout = '1s' as $$
#variable_conflict use_column
declare
  before pg_snapshot;
  visible pg_snapshot := pg_current_snapshot();
  news json;
begin
  select seen into before from event_sweep for update skip locked;
  if not found then
    return 0;
  end if;
  with fresh as materialized (
    select execution, key, event, matching, seen from event_wait where not swept for update skip locked
  ), marked as (
    update event_wait w set swept = true from fresh f where w.execution = f.execution and w.key = f.key
  ), missed as (
    select w.execution, w.key, w.matching, e.id, e.payload
    from event e join event_wait w on w.event = e.name
    where e.transaction >= pg_snapshot_xmin(before) and not pg_visible_in_snapshot(e.transaction, before)
      and pg_visible_in_snapshot(e.transaction, visible) and not pg_visible_in_snapshot(e.transaction, w.seen)
    union all
    select f.execution, f.key, f.matching, e.id, e.payload
    from fresh f join event e on e.name = f.event
    where e.transaction >= pg_snapshot_xmin(f.seen) and not pg_visible_in_snapshot(e.transaction, f.seen)
      and pg_visible_in_snapshot(e.transaction, visible)
  )
  select json_agg(told) into news from (
    select distinct on (execution, key) heard(execution, key, payload) as told from missed
    where matching is null or payload::jsonb @> matching order by execution, key, id
  ) as first;
  update event_sweep set seen = visible
  where exists (select from event where transaction >= pg_snapshot_xmin(before) and not pg_visible_in_snapshot(transaction, before));
  if news is not null then
    perform resolve_steps(news);
  end if;
  return coalesce(json_array_length(news), 0);
end
$$;

-- request: { event, payload, trace: { traceparent, tracestate } }. Keeps the event, and starts what it triggers.
-- Answers the id of the event.
create function emit(request json) returns bigint language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  event_name text := request ->> 'event';
  given_payload json := request -> 'payload';
  trace json := coalesce(request -> 'trace', carried_trace());
  event_id bigint;
  listener record;
  news json;
begin
  perform demand_fields('emit', request, '{event,payload,trace}');
  if coalesce(event_name, '') = '' then
    raise exception 'emit: event is missing' using hint = 'Give {"event": "name", "payload": …}.';
  end if;
  perform given_payload::jsonb; -- refuses what conditions could not read
  insert into event (name, emitted_at, payload, trace_context) values (event_name, clock(), given_payload, trace)
  returning id into event_id;
  for listener in
    select key, task, definition -> 'fields' as fields, definition ->> 'when' as condition
    from task_trigger where active and kind = 'event' and name = event_name order by task
  loop
    if holds(listener.key, listener.condition, given_payload) then
      perform enqueue(json_build_object('task', listener.task, 'notify', true, 'items', json_build_array(json_build_object(
        'trigger', event_name, 'payload', pick(given_payload, listener.fields), 'absent', given_payload is null, 'trace', trace))));
    end if;
  end loop;
  select json_agg(heard(execution, key, given_payload)) into news from event_wait
  where event = event_name and (matching is null or given_payload::jsonb @> matching);
  if news is not null then
    perform resolve_steps(news);
  end if;
  return event_id;
end
$$;
`,
};
