import { joinsOfFound, pinnedPlans } from '../pinned-plans.ts';
import type { Migration } from './migration.ts';

const hot = (schema: string): string =>
  `language plpgsql set search_path = ${schema}, pg_catalog, pg_temp ${pinnedPlans}`;

/**
 * What executions keep between their runs, and what they wait for.
 *
 * A row of `step` is open while its `outcome` is null. Work that was done makes one that is over from the start; sleeps,
 * children and events make one that is open, and is over when its time, its child or its event has come:
 *
 * ```text
 *   save_steps ──▶ none, done                                          (work)
 *   suspend ─────▶ open ──┬─ due ──────────────▶ none                  (sleep)
 *   save_steps ──▶ open ──┼─ due ──────────────▶ timeout               (child, event)
 *                         └─ resolve_steps ────▶ none, done, failed    (child, event)
 * ```
 *
 * Whoever changes steps of an execution locks its row before them; whoever locks several executions does so in the order of
 * their ids. Parents are older than their children, so none of these waits for another in a circle.
 */
export const steps: Migration = {
  name: '0008-steps',
  sql: (schema) => `
-- What executions that go on have kept, after what was due has been closed: a JSON array of
-- [execution, key, kind, outcome, value, error, child, trace: carrier of the child, if it failed]. Called by the claim that holds their rows.
create function resume(ids bigint[]) returns text ${hot(schema)} ${joinsOfFound} as $$
#variable_conflict use_column
declare
  late bigint[];
  answer text;
begin
  with over as (
    update step set outcome = case kind when 'sleep' then 'none' else 'timeout' end
    where execution = any (ids) and outcome is null and due <= clock()
    returning execution, key, child
  ), unheard as (
    delete from event_wait w using over where w.execution = any (ids) and w.execution = over.execution and w.key = over.key
  )
  select array_agg(child) filter (where child is not null) into late from over;
  if late is not null then
    perform cancel_children(late, 'its parent waits no longer');
  end if;
  select '[' || string_agg(json_build_array(execution, key, kind, outcome, value, error, child,
    case when child is not null and outcome = 'failed' then (select h.trace_context from history h where h.id = child) end)::text, ',') || ']'
  into answer from step where execution = any (ids);
  return answer;
end
$$;

-- request: { steps: [{ id, lease, key, value, none: whether it gave nothing, which is not null,
--   event: what to wait for instead, matching, timeoutMs }] }
-- Answers null when all of them were kept, else the JSON array of the executions whose steps were.
create function save_steps(request json) returns text ${hot(schema)} ${joinsOfFound} as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
  told_ids bigint[];
  held_ids bigint[];
begin
  with told as materialized (
    select * from json_to_recordset(request -> 'steps') as t (id bigint, lease bigint, key text, value json, none boolean,
      event text, matching jsonb, "timeoutMs" double precision)
  ), locked as materialized (
    select id, lease from execution where id = any (array(select id from told)) order by id for no key update
  ), held as materialized (
    select told.* from told join locked on locked.id = told.id and locked.lease = told.lease
  ), kept as (
    insert into step (execution, key, kind, due, outcome, value)
    select id, key, case when event is null then 'step' else 'event' end,
      case when "timeoutMs" is not null then now_is + milliseconds("timeoutMs") end,
      case when event is not null then null when none then 'none' else 'done' end,
      case when event is null and none is not true then coalesce(value, 'null') end
    from held
    on conflict (execution, key) do update set outcome = excluded.outcome, value = excluded.value
  ), awaited as (
    insert into event_wait (execution, key, event, matching)
    select id, key, event, matching from held where event is not null
    on conflict (execution, key) do nothing
  )
  select (select array_agg(distinct id) from told), (select array_agg(distinct id) from held) into told_ids, held_ids;
  if cardinality(told_ids) = cardinality(held_ids) then
    return null;
  end if;
  return coalesce(array_to_json(held_ids)::text, '[]');
end
$$;

-- outcomes: as settle takes them; those with waits: [{ key, kind: sleep | child | event, known: whether it is kept already,
--   delayMs, untilMs: since the epoch, of children: task, queue: of a task that no orchestrator has told of, payload, absent,
--   priority, trace }]
-- Keeps what is new among them, starts the children, and notes when the execution is due. Called by settle, which holds the
-- rows since a statement before: what was over by then is seen.
create function suspend(outcomes json) returns void ${hot(schema)} ${joinsOfFound} as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
  line_queues text[];
  gate_tasks text[];
  gate_keys text[];
begin
  with told as materialized (
    select t.id, t.lease, wait.*
    from json_to_recordset(outcomes) as t (id bigint, lease bigint, waits json),
      json_to_recordset(t.waits) as wait (key text, kind text, known boolean, "delayMs" double precision,
        "untilMs" double precision, task text, queue text, payload json, absent boolean, priority integer, trace json)
  ), held as materialized (
    select id, lease, priority from execution where id = any (array(select id from told)) and cancel is null
  ), fresh as materialized (
    select told.id, key, kind, task, queue, payload, absent, trace, coalesce(told.priority, held.priority) as priority,
      case when "delayMs" is not null then now_is + milliseconds("delayMs") else to_timestamp("untilMs" / 1000) end as due
    from told join held on held.id = told.id and held.lease = told.lease
    where known is not true
  ), children as (
    insert into execution (parent, parent_key, queue, task, enqueued_at, run_at, priority, gate, payload, trace_context,
      avail, gated, state)
    select f.id, f.key, coalesce(t.queue, f.queue), f.task, now_is, now_is, f.priority, own.gate,
      stored_payload(f.payload, f.absent), f.trace, own.gate is null, own.gate is not null,
      case when own.gate is null then 'ready' else 'gated' end
    from fresh f left join task t on t.name = f.task,
      lateral (select case when t.gate <> 'none' then gate_of(t.gate, t.gate_path, f.payload) end as gate) as own
    where f.kind = 'child'
    returning id, parent, parent_key, queue, task, gate
  ), kept as (
    insert into step (execution, key, kind, child, due)
    select f.id, f.key, f.kind, c.id, f.due
    from fresh f left join children c on c.parent = f.id and c.parent_key = f.key
  )
  select array_agg(distinct queue), array_agg(task) filter (where gate is not null),
    array_agg(gate) filter (where gate is not null)
  into line_queues, gate_tasks, gate_keys from children;
  with told as materialized (
    select t.id, wait.key
    from json_to_recordset(outcomes) as t (id bigint, waits json), json_to_recordset(t.waits) as wait (key text)
  ), awaited as materialized (
    select s.execution, count(*) filter (where s.kind = 'child' and s.outcome is null) as open,
      bool_or(s.outcome is not null and (s.kind <> 'child' or s.outcome in ('failed', 'timeout')))
        or bool_or(s.kind = 'child') and bool_and(s.kind <> 'child' or s.outcome is not null) as is_over,
      min(s.due) filter (where s.outcome is null) as due
    from step s join told on told.id = s.execution and told.key = s.key
    where s.execution = any (array(select id from told))
    group by s.execution
  )
  update execution e set open_children = awaited.open,
    run_at = case when awaited.is_over then now_is else coalesce(awaited.due, 'infinity') end
  from awaited
  where e.id = awaited.execution and e.id = any (array(select execution from awaited)) and e.cancel is null;
  if gate_tasks is not null then
    perform depart(null, gate_tasks, gate_keys);
  end if;
  perform wake(queue) from (select distinct unnest(line_queues) as queue) as lines;
end
$$;

-- told: [{ execution, key, outcome: none | done | failed, value, error }]: what has come of children and events. Lets those
-- go on that have nothing left to wait for, and those that a failure concerns.
create function resolve_steps(told json) returns void ${hot(schema)} ${joinsOfFound} as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
  ids bigint[] := array(select (value ->> 'execution')::bigint from json_array_elements(told));
  line_queues text[];
  gate_tasks text[];
  gate_keys text[];
begin
  perform id from execution where id = any (ids) order by id for update;
  with news as materialized (
    select * from json_to_recordset(told) as t (execution bigint, key text, outcome text, value json, error json)
  ), resolved as (
    update step s set outcome = news.outcome, error = news.error,
      value = case when news.outcome = 'done' then coalesce(news.value, 'null') end
    from news
    where s.execution = any (ids) and s.execution = news.execution and s.key = news.key and s.outcome is null
    returning s.execution, s.key, s.kind, s.outcome
  ), heard as (
    delete from event_wait w using resolved r where w.execution = any (ids) and w.execution = r.execution and w.key = r.key
  ), counted as materialized (
    select execution, count(*) filter (where kind = 'child') as children, bool_or(kind <> 'child' or outcome = 'failed') as concerns
    from resolved group by execution
  ), waiting as (
    update execution e set open_children = e.open_children - c.children,
      run_at = case when c.concerns or e.open_children <= c.children then now_is else e.run_at end,
      avail = (c.concerns or e.open_children <= c.children) and e.gate is null,
      gated = (c.concerns or e.open_children <= c.children) and e.gate is not null,
      state = case when not (c.concerns or e.open_children <= c.children) then e.state
        when e.gate is null then 'ready' else 'gated' end
    from counted c
    where e.id = any (ids) and e.id = c.execution and e.lease is null and e.state = 'waiting'
    returning e.queue, e.task, e.gate, e.avail or e.gated as is_over
  )
  select array_agg(distinct queue) filter (where is_over), array_agg(task) filter (where is_over and gate is not null),
    array_agg(gate) filter (where is_over and gate is not null)
  into line_queues, gate_tasks, gate_keys from waiting;
  if gate_tasks is not null then
    perform depart(null, gate_tasks, gate_keys);
  end if;
  perform wake(queue) from (select distinct unnest(line_queues) as queue) as lines;
end
$$;

-- Removes what executions kept that are over, whatever way. Nobody waits for their children any more, so those end, too.
create function forget_steps(ids bigint[]) returns void ${hot(schema)} as $$
#variable_conflict use_column
declare
  orphans bigint[];
  listening bigint[];
begin
  with gone as (delete from step where execution = any (ids) returning execution, kind, child, outcome)
  select array_agg(child) filter (where child is not null and outcome is null),
    array_agg(execution) filter (where kind = 'event' and outcome is null)
  into orphans, listening from gone;
  if listening is not null then
    delete from event_wait where execution = any (listening);
  end if;
  if orphans is not null then
    perform cancel_children(orphans, 'its parent is over');
  end if;
end
$$;

create function cancel_children(ids bigint[], why text) returns void ${hot(schema)} as $$
declare
  child bigint;
begin
  for child in select id from unnest(ids) as t (id) order by id loop
    perform cancel(json_build_object('id', child, 'reason', why));
  end loop;
end
$$;
`,
};
