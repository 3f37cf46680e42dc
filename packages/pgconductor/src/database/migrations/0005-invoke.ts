import { quoteLiteral } from '../identifiers.ts';
import { pinnedPlans } from '../pinned-plans.ts';
import type { Migration } from './migration.ts';

const hot = (schema: string): string =>
  `language plpgsql set search_path = ${schema}, pg_catalog, pg_temp ${pinnedPlans}`;

/** The fields of an item of `invoke`, as `json_to_recordset` wants them. */
const fields = `payload json, absent boolean, run_at timestamptz, delay_ms double precision, priority integer, trigger text,
  trace json, dedupe_key text, throttle_key text, throttle_ms double precision`;

/** Bringing work in: from this package, and from any client that can call a function. */
export const invoke: Migration = {
  name: '0005-invoke',
  sql: (schema) => `
create function channel() returns text language sql immutable as $$
  select 'pgconductor_' || md5(${quoteLiteral(schema)});
$$;

-- Tells the workers that wait at an empty queue. Nobody idle, no word: NOTIFY serialises the commits of a database.
create function wake(idle_queue text) returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select pg_notify(channel(), json_build_object('queue', idle_queue)::text)
  where exists (select from idle_worker where queue = idle_queue);
$$;

create function wake_task(task_name text, fallback_queue text) returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select wake(coalesce((select queue from task where name = task_name), fallback_queue));
$$;

-- A record cannot tell null from nothing.
create function stored_payload(payload json, absent boolean) returns json language sql immutable as $$
  select case when absent then null else coalesce(payload, 'null') end;
$$;

-- The last eight carriers that were replaced.
create function with_trace(earlier json, replaced json) returns json language sql immutable as $$
  select case when replaced is null then earlier else (
    select json_agg(trace order by place) from (
      select trace, place from (
        select value as trace, ordinality as place from json_array_elements(coalesce(earlier, '[]')) with ordinality
        union all select replaced, 9
      ) as every order by place desc limit 8
    ) as last) end;
$$;

-- One item with a dedupe key or a throttle. Answers its id, negative when it replaced what waited, or null when it was
-- throttled.
create function invoke_item(task_name text, task_queue text, own_gate text, now_is timestamptz, due timestamptz, item json)
returns bigint ${hot(schema)} as $$
#variable_conflict use_column
declare
  made record;
  there record;
  found_id bigint;
begin
  select * into made from json_to_record(item) as t (${fields});
  if made.throttle_key is not null then
    insert into throttle (task, key, until)
    values (task_name, made.throttle_key, now_is + milliseconds(coalesce(made.throttle_ms, 0)))
    on conflict (task, key) do update set until = excluded.until where throttle.until <= now_is;
    if not found then
      return null;
    end if;
  end if;
  loop
    insert into execution (queue, task, dedupe_key, enqueued_at, run_at, priority, gate, trigger, payload, trace_context,
      avail, gated, state)
    values (task_queue, task_name, made.dedupe_key, now_is, due, coalesce(made.priority, 0), own_gate, made.trigger,
      stored_payload(made.payload, made.absent), made.trace, due <= now_is and own_gate is null, due <= now_is and own_gate is not null,
      case when due > now_is then 'scheduled' when own_gate is null then 'ready' else 'gated' end)
    on conflict (task, dedupe_key) where dedupe_key is not null do nothing
    returning id into found_id;
    exit when found;
    -- Locked by a statement of its own: the next one sees what has become of it by then.
    select id, lease is null and state in ('ready', 'scheduled', 'gated') as waits into there
    from execution where task = task_name and dedupe_key = made.dedupe_key for update;
    continue when not found;
    if there.waits and not exists (select from step where execution = there.id)
      and not exists (select from successor where execution = there.id) then
      -- What has not begun is replaced and keeps its id.
      update execution set
        run_at = due, priority = coalesce(made.priority, 0), gate = own_gate, trigger = made.trigger,
        payload = stored_payload(made.payload, made.absent), trace_context = made.trace,
        earlier_traces = with_trace(earlier_traces, trace_context),
        avail = due <= now_is and own_gate is null, gated = due <= now_is and own_gate is not null,
        state = case when due > now_is then 'scheduled' when own_gate is null then 'ready' else 'gated' end,
        failures = 0
      where id = there.id;
      return -there.id;
    end if;
    -- What has begun runs to its end, and the last one that came meanwhile takes its place then.
    insert into successor as s (execution, queue, task, dedupe_key, enqueued_at, run_at, priority, gate, trigger, payload,
      trace_context)
    values (there.id, task_queue, task_name, made.dedupe_key, now_is, due, coalesce(made.priority, 0), own_gate, made.trigger,
      stored_payload(made.payload, made.absent), made.trace)
    on conflict (execution) do update set
      run_at = excluded.run_at, priority = excluded.priority, gate = excluded.gate, trigger = excluded.trigger,
      payload = excluded.payload, trace_context = excluded.trace_context,
      earlier_traces = with_trace(s.earlier_traces, s.trace_context)
    returning case when s.xmax = 0 then id else -id end into found_id;
    exit;
  end loop;
  return found_id;
end
$$;

-- The way in for this package; other clients call invoke.
-- request: { task, queue: of a task that no orchestrator has told of yet,
--   notify: whether to wake idle workers at commit, admit: whether to open gates in this transaction, which then holds
--   each gate until it ends, marks: whether to tell what was replaced,
--   items: [{ payload, absent: whether there is none, which is not null, run_at, delay_ms, priority, dedupe_key, throttle_key,
--     throttle_ms, trigger, trace }] }
-- Answers a JSON array with the id of each item, in order; null for a throttled one, and negative, with marks, for one that
-- replaced what waited under its key.
create function enqueue(request json) returns text ${hot(schema)} as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
  task_name text := request ->> 'task';
  task_gate text;
  gate_path text[];
  task_queue text;
  ids bigint[] := '{}';
  made bigint[];
  item record;
begin
  select t.queue, t.gate, t.gate_path into task_queue, task_gate, gate_path from task t where name = task_name;
  task_queue := coalesce(task_queue, request ->> 'queue', 'default');
  if strpos(request::text, '"dedupe_key"') + strpos(request::text, '"throttle_key"') = 0 then
    with entered as (
      insert into execution (queue, task, enqueued_at, run_at, priority, gate, trigger, payload, trace_context,
        avail, gated, state)
      select task_queue, task_name, now_is, due, coalesce(priority, 0), own_gate, trigger,
        stored_payload(payload, absent), trace, due <= now_is and own_gate is null, due <= now_is and own_gate is not null,
        case when due > now_is then 'scheduled' when own_gate is null then 'ready' else 'gated' end
      from json_to_recordset(request -> 'items') as t (${fields}),
        lateral (select coalesce(run_at, now_is + milliseconds(coalesce(delay_ms, 0))) as due,
          case when task_gate <> 'none' then gate_of(task_gate, gate_path, payload) end as own_gate) as made
      returning id
    )
    select coalesce(array_agg(id order by id), '{}') into ids from entered; -- drawn row by row, in the order of the items
  else
    -- What is there is locked in the order in which everybody locks executions; what is new is made in the order of its
    -- keys: two batches with the same keys then never wait for each other.
    if json_array_length(request -> 'items') > 1 then
      perform id from execution
      where task = task_name and dedupe_key = any (array(select value ->> 'dedupe_key' from json_array_elements(request -> 'items')))
      order by id for update;
    end if;
    for item in
      select value, ordinality as place, made.due, made.own_gate
      from json_array_elements(request -> 'items') with ordinality, json_to_record(value) as t (${fields}),
        lateral (select coalesce(run_at, now_is + milliseconds(coalesce(delay_ms, 0))) as due,
          case when task_gate <> 'none' then gate_of(task_gate, gate_path, payload) end as own_gate) as made
      order by throttle_key nulls first, dedupe_key nulls first, ordinality
    loop
      ids[item.place] := invoke_item(task_name, task_queue, item.own_gate, now_is, item.due, item.value);
    end loop;
    made := array(select abs(id) from unnest(ids) with ordinality as one (id, place) order by place);
  end if;
  if task_gate <> 'none' and (request ->> 'admit')::boolean then
    for item in select distinct gate from execution where id = any (coalesce(made, ids)) and gated order by gate loop
      perform admit(task_name, item.gate);
    end loop;
  end if;
  if (request ->> 'notify')::boolean then
    perform wake(task_queue);
  end if;
  return array_to_json(case when (request ->> 'marks')::boolean then ids else coalesce(made, ids) end)::text;
end
$$;
`,
};
