import { joinsOfFound, pinnedPlans } from '../pinned-plans.ts';
import type { Migration } from './migration.ts';

const hot = (schema: string): string =>
  `language plpgsql set search_path = ${schema}, pg_catalog, pg_temp ${pinnedPlans}`;

/**
 * Bringing results back.
 *
 * Each result names the lease under which it was made, and changes a row only while that row has this lease: what comes
 * late, after recovery gave the work to another, changes nothing and is missing in the answer. `complete` is the fast
 * path for what is done; `settle` takes every outcome. Finished rows move to `history` in the same statement, so that
 * neither is without the other.
 */
export const settle: Migration = {
  name: '0004-settle',
  sql: (schema) => `
-- The gate at which an execution has to wait: null for none, '' for the one of the whole task. A long key is its digest,
-- for an index takes no long ones.
create function gate_of(kind text, path text[], payload json) returns text language sql immutable as $$
  select case kind when 'task' then '' when 'key' then
    case when length(payload #>> path) > 200 then md5(payload #>> path) else coalesce(payload #>> path, '') end end;
$$;

-- Where executions of a task wait now: the task may have moved since they were enqueued.
create function queue_of(task_name text, otherwise text) returns text language sql stable as $$
  select coalesce((select queue from task where name = task_name), otherwise);
$$;

-- Whether a moment lies in the hours of a task: minutes of the day and days of the week by the wall clock of a time zone.
create function in_hours(hours json, moment timestamptz) returns boolean language sql stable as $$
  select hours is null or (
    select case
      when start_minute < end_minute then today and minute >= start_minute and minute < end_minute
      else today and minute >= start_minute or yesterday and minute < end_minute end
    from (
      select (hours ->> 'startMinute')::integer as start_minute, (hours ->> 'endMinute')::integer as end_minute,
        extract(hour from wall) * 60 + extract(minute from wall) as minute,
        (hours -> 'days')::jsonb @> to_jsonb(extract(dow from wall)::integer) as today,
        (hours -> 'days')::jsonb @> to_jsonb(extract(dow from wall - interval '1 day')::integer) as yesterday
      from (select moment at time zone (hours ->> 'timeZone') as wall) as clock
    ) as parts);
$$;

-- Lets the next ones of a gate into the line. The lock makes the count exact over all processes; the executions of the
-- gate that stand in the line are the slots, so none can outlive its execution.
create function admit(gate_task text, gate_key text) returns bigint ${hot(schema)} as $$
#variable_conflict use_column
declare
  free bigint;
  admitted bigint;
  rules task;
begin
  select * into rules from task where name = gate_task;
  if not in_hours(rules.hours, clock()) then
    return 0;
  end if;
  perform pg_advisory_xact_lock(hashtext('pgconductor.' || current_schema() || '.' || gate_task), hashtext(gate_key));
  free := coalesce(rules.concurrency, 1000)
    - (select count(*) from execution where task = gate_task and gate = gate_key and avail and gate is not null);
  if free <= 0 then
    return 0;
  end if;
  with next as (
    select ctid as place from execution
    where task = gate_task and gate = gate_key and gated
    order by priority, id limit free
    for update skip locked
  )
  update execution e set gated = false, avail = true, state = 'ready' from next where e.ctid = next.place;
  get diagnostics admitted = row_count;
  return admitted;
end
$$;

-- What follows when executions have left the line: what waited for their dedupe key takes their place, what waited at their
-- gates is let in, and idle workers hear of both. Gates in one order everywhere, so that two of these never wait for each other.
create function depart(keyed bigint[], gate_tasks text[], gate_keys text[]) returns void ${hot(schema)} as $$
#variable_conflict use_column
declare
  at_gate record;
  line_queues text[];
  now_is timestamptz := clock();
begin
  if keyed is not null then
    with next as (
      delete from successor where execution = any (keyed) returning *
    ), entered as (
      insert into execution (id, queue, task, dedupe_key, enqueued_at, run_at, priority, gate, trigger, payload,
        trace_context, earlier_traces, avail, gated, state)
      select id, queue_of(task, queue), task, dedupe_key, enqueued_at, run_at, priority, gate, trigger, payload,
        trace_context, earlier_traces,
        run_at <= now_is and gate is null, run_at <= now_is and gate is not null,
        case when run_at > now_is then 'scheduled' when gate is null then 'ready' else 'gated' end
      from next
      returning queue, task, gate, avail, gated
    )
    select gate_tasks || array_agg(task) filter (where gated), gate_keys || array_agg(gate) filter (where gated),
      array_agg(queue) filter (where avail)
    into gate_tasks, gate_keys, line_queues from entered;
  end if;
  for at_gate in
    select distinct task, key from unnest(gate_tasks, gate_keys) as t(task, key) where key is not null order by task, key
  loop
    if admit(at_gate.task, at_gate.key) > 0 then
      line_queues := line_queues || queue_of(at_gate.task, null);
    end if;
  end loop;
  perform wake(queue) from (select distinct unnest(line_queues) as queue) as lines;
end
$$;

-- Executions that are done: ids[i] was done under leases[i], with the i-th element of the JSON array results, which may
-- be null when there are none. Those in forget leave no row in history, those in stepped have steps to remove.
-- Answers null when all of them counted, else the JSON array of those that did.
create function complete(ids bigint[], leases bigint[], forget bigint[], stepped bigint[], results text)
returns text ${hot(schema)} ${joinsOfFound} as $$
#variable_conflict use_column
declare
  settled bigint[];
  keyed bigint[];
  gate_tasks text[];
  gate_keys text[];
  now_is timestamptz := clock();
  lease_of_all bigint := case when leases[1] = all (leases) then leases[1] end;
begin
  with done as (
    delete from execution
    where id = any (ids)
      and (lease = lease_of_all or lease_of_all is null and (id, lease) in (select * from unnest(ids, leases)))
    returning id, parent, enqueued_at, run_at, priority, attempt, failures, queue, task, gate, dedupe_key, trigger, payload,
      trace_context, last_trace, earlier_traces
  ), kept as (
    insert into history (id, parent, enqueued_at, run_at, finished_at, priority, attempt, failures, outcome, queue, task,
      dedupe_key, trigger, payload, result, trace_context, last_trace, earlier_traces)
    select id, parent, enqueued_at, run_at, now_is, priority, attempt, failures, 'completed', queue, task,
      dedupe_key, trigger, payload, case when told.result::text <> 'null' then told.result end, trace_context, last_trace,
      earlier_traces
    from done left join rows from (
      unnest(case when results <> '[]' then ids end), json_array_elements(results::json)) as told (of, result) on told.of = id
    where not id = any (forget)
  )
  select array_agg(id), array_agg(id) filter (where dedupe_key is not null),
    array_agg(task) filter (where gate is not null), array_agg(gate) filter (where gate is not null)
  into settled, keyed, gate_tasks, gate_keys from done;
  if cardinality(stepped) > 0 then
    perform forget_steps(array(select unnest(stepped) intersect select unnest(settled)));
  end if;
  if keyed is not null or gate_tasks is not null then
    perform depart(keyed, gate_tasks, gate_keys);
  end if;
  if cardinality(settled) = cardinality(ids) then
    return null;
  end if;
  return coalesce(array_to_json(settled)::text, '[]');
end
$$;

-- request: { outcomes: [{ id, lease, outcome: completed | failed | dead | released | sleeping | waiting | canceled,
--   result, none: whether it has none, which is not null, error, waits: as suspend takes them, delayMs, maxAttempts,
--   forget: whether to leave no row in history, unstarted: whether the attempt does not count, regate: whether it came past a
--   gate that its task has got meanwhile, trace: context of the span of this attempt }] }
-- Answers a JSON array of [id, committed outcome, attempt, due time in ms] for those that counted.
create function settle(request json) returns text ${hot(schema)} ${joinsOfFound} as $$
#variable_conflict use_column
declare
  answer text;
  keyed bigint[];
  gate_tasks text[];
  gate_keys text[];
  ended bigint[];
  news json;
  line_queues text[];
  line_queue text;
  now_is timestamptz := clock();
  ids bigint[] := array(select (value ->> 'id')::bigint from json_array_elements(request -> 'outcomes'));
  parents bigint[] := array(select parent from execution where id = any (ids) and parent is not null);
  suspends boolean := strpos(request::text, '"waits":') > 0;
begin
  if suspends or cardinality(parents) > 0 then
    perform id from execution where id = any (ids || parents) order by id for update;
  end if;
  if suspends then
    perform suspend(request -> 'outcomes');
  end if;
  with told as materialized (
    select * from json_to_recordset(request -> 'outcomes') as t (
      id bigint, lease bigint, outcome text, result json, "none" boolean, error json, "delayMs" double precision,
      "maxAttempts" integer, forget boolean, unstarted boolean, regate boolean, trace json)
  ), held as materialized (
    select e.id, e.parent, e.parent_key, e.cancel, told.none, told.result, told.error, told.trace, coalesce(told.forget, false) as forget,
      coalesce(told.unstarted, false) as unstarted,
      e.attempt - coalesce(told.unstarted, false)::integer as attempt,
      case when told.regate then (select gate_of(t.gate, t.gate_path, e.payload) from task t where t.name = e.task)
        else e.gate end as next_gate, queue_of(e.task, e.queue) as queue, e.task, e.gate, e.dedupe_key,
      case
        when told.outcome in ('completed', 'dead') then told.outcome
        when e.cancel is not null then 'canceled'
        when told.outcome = 'failed' and e.failures + 1 >= told."maxAttempts" then 'dead'
        else told.outcome
      end as verdict,
      case when told.outcome in ('sleeping', 'waiting') then e.run_at
        else now_is + milliseconds(coalesce(told."delayMs", 0)) end as due
    from told
      join (select * from execution where id = any (array(select id from told)) for update) e
        on e.id = told.id and e.lease = told.lease
  ), gone as (
    delete from execution
    where id = any (array(select id from held where verdict in ('completed', 'dead', 'canceled')))
    returning *
  ), kept as (
    insert into history (id, parent, enqueued_at, run_at, finished_at, priority, attempt, failures, outcome, queue, task,
      dedupe_key, trigger, payload, result, error, trace_context, last_trace, earlier_traces)
    select g.id, g.parent, enqueued_at, run_at, now_is, priority, g.attempt, failures + (verdict = 'dead')::integer,
      case verdict when 'dead' then 'failed' else verdict end, g.queue, g.task, g.dedupe_key, trigger, payload,
      case verdict when 'completed' then result end,
      case verdict when 'dead' then h.error when 'canceled' then coalesce(g.cancel, h.error) end,
      trace_context, coalesce(trace, last_trace), earlier_traces
    from gone g join held h on h.id = g.id where not forget
  ), stayed as (
    update execution e set
      lease = null,
      queue = h.queue,
      attempt = h.attempt,
      failures = e.failures + (h.verdict = 'failed')::integer,
      error = case h.verdict when 'failed' then h.error else e.error end,
      run_at = case when h.verdict = 'released' and h.due <= now_is then e.run_at else h.due end,
      gate = h.next_gate,
      avail = h.due <= now_is and h.next_gate is null,
      gated = h.due <= now_is and h.next_gate is not null,
      state = case
        when h.due <= now_is then case when h.next_gate is null then 'ready' else 'gated' end
        when h.verdict in ('sleeping', 'waiting') then h.verdict
        else 'scheduled' end,
      last_trace = coalesce(h.trace, e.last_trace)
    from held h
    where e.id = h.id
      and e.id = any (array(select id from held where verdict not in ('completed', 'dead', 'canceled')))
  )
  select
    '[' || string_agg('[' || id || ',"' || verdict || '",' || attempt || ','
      || case when due = 'infinity' then 'null' else epoch_ms(due)::text end
      || case when verdict = 'waiting' and trace is not null then coalesce(',' || (
        select json_object_agg(key, child) from step where execution = held.id and kind = 'child' and outcome is null)::text, '')
        else '' end || ']', ',') || ']',
    array_agg(id) filter (where dedupe_key is not null and verdict in ('completed', 'dead', 'canceled')),
    array_agg(task) filter (where next_gate is not null),
    array_agg(next_gate) filter (where next_gate is not null),
    array_agg(id) filter (where verdict in ('completed', 'dead', 'canceled')),
    json_agg(json_build_object('execution', parent, 'key', parent_key, 'value', result,
        'outcome', case when verdict <> 'completed' then 'failed' when none then 'none' else 'done' end,
        'error', case verdict when 'dead' then error when 'canceled' then coalesce(cancel, error) end))
      filter (where parent is not null and verdict in ('completed', 'dead', 'canceled')),
    array_agg(distinct queue) filter (where due <= now_is and next_gate is null
      and verdict not in ('completed', 'dead', 'canceled'))
  into answer, keyed, gate_tasks, gate_keys, ended, news, line_queues from held;
  if ended is not null then
    perform forget_steps(ended);
  end if;
  if news is not null then
    perform resolve_steps(news);
  end if;
  if keyed is not null or gate_tasks is not null then
    perform depart(keyed, gate_tasks, gate_keys);
  end if;
  if line_queues is not null then
    foreach line_queue in array line_queues loop
      perform wake(line_queue);
    end loop;
  end if;
  return coalesce(answer, '[]');
end
$$;

-- request: { runs: [{ id, lease, attempt, outcome: as settle was told }] } of a settle whose answer was lost.
-- Answers a JSON array of [id, committed outcome] for those that counted. A lease that is still there was taken over by nobody,
-- so whatever left it was settled under it; later the history still knows which attempt it was that ended it.
create function settled_before(request json) returns text ${hot(schema)} as $$
begin
  return (
    select coalesce(json_agg(json_build_array(r.id, case
      when h.attempt = r.attempt and h.outcome = 'canceled' then 'canceled'
      when r.outcome = 'failed' and (h.attempt = r.attempt or h.id is null and e.id is null) then 'dead'
      else r.outcome end)), '[]')::text
    from json_to_recordset(request -> 'runs') as r (id bigint, lease bigint, attempt integer, outcome text)
      left join execution e on e.id = r.id
      left join history h on h.id = r.id
    where e.lease is distinct from r.lease and (
      exists (select from lease where id = r.lease)
      or h.attempt = r.attempt and h.outcome = case r.outcome when 'dead' then 'failed' else r.outcome end
        and h.error ->> 'code' is distinct from 'THROUGHLINE_PGCONDUCTOR_LEASE_EXPIRED'));
end
$$;
`,
};
