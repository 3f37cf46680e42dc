import { joinsOfFound, pinnedPlans } from '../pinned-plans.ts';
import type { Migration } from './migration.ts';

const hot = (schema: string): string =>
  `language plpgsql set search_path = ${schema}, pg_catalog, pg_temp ${pinnedPlans}`;

/** What workers do beside the work: saying that they live, taking over from those that do not, opening what is due. */
export const upkeep: Migration = {
  name: '0006-upkeep',
  sql: (schema) => `
-- Whether somebody is there who tells of what ends without a run: a worker, or whoever asks in this transaction.
create function is_told() returns boolean language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select coalesce(current_setting('pgconductor.tells', true), '') = 'on' or exists (select from worker where tells);
$$;

create function note_ending(execution_id bigint, task text, queue text, attempt integer, verdict text, error json, trace json,
  last json) returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  insert into ending (execution, ended_at, told)
  values (execution_id, clock(), json_build_object('id', execution_id, 'task', task, 'queue', queue, 'attempt', attempt,
    'outcome', verdict, 'error', error, 'trace', trace, 'last', last))
  on conflict (execution) do nothing;
$$;

-- The endings that nobody has told of yet, at most 100, each to one who asks until that one forgets it or is silent for a
-- minute: [[ageMs, { id, task, queue, attempt, outcome: canceled | dead, error, trace, last: of its last run }]]
create function take_endings(own text) returns json language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  with taken as (
    update ending set teller = own, taken_at = clock() where execution = any (array(
      select execution from ending where teller is null or teller = own or taken_at < clock() - interval '1 minute'
      order by ended_at limit 100 for update skip locked))
    returning told, ended_at
  )
  select coalesce(json_agg(json_build_array(greatest(epoch_ms(clock()) - epoch_ms(ended_at), 0), told) order by ended_at), '[]')
  from taken;
$$;

-- request: { worker: or whoever took them, told: [ids] }. Removes endings that have been told of.
create function forget_endings(request json) returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  delete from ending where teller = request ->> 'worker'
    and execution = any (array(select value::bigint from json_array_elements_text(request -> 'told')));
$$;

-- As cancel, for whoever tells of it, who is called worker in the request:
-- { answer: of cancel, endings: as take_endings gives them }
create function cancel_and_tell(request json) returns text language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  answer text;
begin
  perform set_config('pgconductor.tells', 'on', true);
  answer := cancel(request);
  return json_build_object('answer', answer, 'endings', take_endings(request ->> 'worker'))::text;
end
$$;

-- request: { worker, host, pid, schemaVersion, leaseMs, queues: [name], tells: whether it has a telemetry,
--   tasks: [{ name, queue, maxAttempts, gate, gatePath, concurrency, hours, keepCompletedMs, keepFailedMs }] }
-- Makes the tasks known to those who invoke them, and brings what waits already in line with their settings.
create function register(request json) returns void ${hot(schema)} as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
  told record;
  before task;
begin
  if exists (select from departure where until > now_is)
    or request ->> 'schemaVersion' collate "C" < (select max(name collate "C") from migration where is_breaking) then
    raise exception using errcode = 'TL002', message = 'a worker of version ' || (request ->> 'schemaVersion') || ' is outdated';
  end if;
  perform demand_time_zone(hours ->> 'timeZone', name, 'window')
  from json_to_recordset(request -> 'tasks') as t (name text, hours json) where hours is not null;
  insert into worker (id, host, pid, queues, schema_version, started_at, seen_at, until, tells)
  values (request ->> 'worker', request ->> 'host', (request ->> 'pid')::integer,
    array(select json_array_elements_text(request -> 'queues')), request ->> 'schemaVersion', now_is, now_is,
    now_is + milliseconds((request ->> 'leaseMs')::double precision), coalesce((request ->> 'tells')::boolean, false))
  on conflict (id) do update set seen_at = excluded.seen_at, until = excluded.until;
  for told in
    select * from json_to_recordset(request -> 'tasks') as t (name text, queue text, "maxAttempts" integer, gate text,
      "gatePath" json, concurrency integer, hours json, "keepCompletedMs" double precision, "keepFailedMs" double precision)
    order by name
  loop
    select * into before from task where name = told.name for update;
    insert into task as t (name, queue, max_attempts, gate, gate_path, concurrency, hours, keep_completed, keep_failed,
      registered_at)
    values (told.name, told.queue, told."maxAttempts", told.gate, array(select json_array_elements_text(told."gatePath")),
      told.concurrency, told.hours, told."keepCompletedMs" * interval '1 millisecond',
      told."keepFailedMs" * interval '1 millisecond', now_is)
    on conflict (name) do update set queue = excluded.queue, max_attempts = excluded.max_attempts, gate = excluded.gate,
      gate_path = excluded.gate_path, concurrency = excluded.concurrency, hours = excluded.hours,
      keep_completed = excluded.keep_completed, keep_failed = excluded.keep_failed, registered_at = excluded.registered_at;
    if before.name is null or before.queue <> told.queue or before.gate <> told.gate
      or before.gate_path <> array(select json_array_elements_text(told."gatePath")) then
      perform rearrange(told.name, true);
    end if;
  end loop;
end
$$;

-- Whether an execution waits in another line or at another gate than its task has.
create function is_astray(waiting execution, rules task) returns boolean language sql stable as $$
  select waiting.lease is null
    and (waiting.queue <> rules.queue or waiting.gate is distinct from gate_of(rules.gate, rules.gate_path, waiting.payload));
$$;

-- Brings executions that wait in line with the queue and the gate of their task; if it is not patient, not those that others
-- hold. Locks by id, as everybody does.
create function rearrange(task_name text, is_patient boolean) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  rules task;
  strays bigint[];
begin
  select * into rules from task where name = task_name;
  if is_patient then
    perform from execution e where task = task_name and is_astray(e, rules) order by id for update;
  end if;
  strays := array(
    select id from execution e where task = task_name and is_astray(e, rules) order by id for update skip locked);
  update execution set queue = rules.queue where id = any (strays) and queue <> rules.queue;
  if rules.gate = 'none' then
    update execution set gate = null, gated = false, avail = avail or gated,
      state = case when gated then 'ready' else state end
    where id = any (strays) and gate is not null;
  else
    update execution set gate = gate_of(rules.gate, rules.gate_path, payload), gated = gated or avail, avail = false,
      state = case when avail then 'gated' else state end
    where id = any (strays) and gate is distinct from gate_of(rules.gate, rules.gate_path, payload);
    perform depart(null, array_agg(task_name), array_agg(gate))
    from (select distinct gate from execution where task = task_name and gated) as shut;
  end if;
  if cardinality(strays) > 0 then
    perform wake(rules.queue);
  end if;
end
$$;

-- The tasks of what waits at the head of each line, or of those of some queues, and for how long the oldest has.
create function heads_of_lines(most integer, wanted text[]) returns table (queue text, task text, waited interval)
${hot(schema)} as $$
#variable_conflict use_column
begin
  return query with recursive lines as (
    (select queue from execution where avail order by queue limit 1)
    union all
    select next.queue from lines, lateral (
      select e.queue from execution e where e.avail and e.queue > lines.queue order by e.queue limit 1) as next
  )
  select lines.queue, head.task, clock() - min(head.run_at)
  from lines, lateral (
    select e.task, e.run_at from execution e where e.queue = lines.queue and e.avail and e.lease is null
    order by e.priority, e.id limit most) as head
  where wanted is null or lines.queue = any (wanted)
  group by lines.queue, head.task;
end
$$;

-- request: { queues: [name] }. Executions that came in a transaction which did not see a change of their task stand in the line
-- it has left, or at the gate it had: nobody takes them, so they come to the head of that line. Brings them where they belong.
-- Answers what waits at the heads of the lines of those queues and no living worker of them can run: [{ queue, task, waitedMs }]
create function straighten_lines(request json) returns text language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
  stray text;
begin
  perform from line_look where looked_at < now_is - interval '10 seconds' for update skip locked;
  if found then
    update line_look set looked_at = now_is;
    for stray in
      with recursive gates as (
        (select task from execution where gated order by task limit 1)
        union all
        select next.task from gates, lateral (
          select e.task from execution e where e.gated and e.task > gates.task order by e.task limit 1) as next
      )
      select name from task t where gate = 'none' and name in (select task from gates)
        or exists (select from heads_of_lines(10000, null) h where h.task = t.name and h.queue <> t.queue)
      order by name
    loop
      perform rearrange(stray, false);
    end loop;
  end if;
  return (
    select coalesce(json_agg(json_build_object('queue', queue, 'task', task,
      'waitedMs', (date_part('epoch', waited) * 1000)::bigint) order by queue, task), '[]')::text
    from heads_of_lines(200, array(select json_array_elements_text(request -> 'queues'))) h
    where waited > interval '5 seconds' and not exists (
      select from worker_trigger k join worker w on w.id = k.worker
      where k.task = h.task and h.queue = any (w.queues) and w.until > now_is));
end
$$;

-- request: { worker, told: as forget_endings takes them }. Removes a worker that holds no lease any more.
create function leave(request json) returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select forget_endings(request) where request ->> 'told' is not null;
  update ending set teller = null where teller = request ->> 'worker';
  delete from idle_worker where worker = request ->> 'worker';
  delete from signal where worker = request ->> 'worker';
  delete from worker where id = request ->> 'worker';
$$;

-- request: { worker, extend: whether to renew its leases, leaseMs, held: [the leases that it knows of: one that was lost on the
--   way to it runs out, and recovery gives back what it took], done: [leases that have nothing left],
--   seen: [signals that have arrived], told: as forget_endings takes them, tells: whether it has a telemetry,
--   traces: { lease: { execution: carrier of its span } } of what has been running for a while }
-- Answers { leases: [those that still hold] when extended, signals: [{ id, kind, execution, detail, ageMs }],
--   endings: as take_endings gives them, to whoever tells }, the latter two again until it is told that they have arrived.
create function pulse(request json) returns text language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  own text := request ->> 'worker';
  until_then timestamptz := clock() + milliseconds((request ->> 'leaseMs')::double precision);
  leases json;
  signals json;
  endings json;
begin
  if json_array_length(request -> 'done') > 0 then
    delete from lease where worker = own and id in (select value::bigint from json_array_elements_text(request -> 'done'));
  end if;
  if (request ->> 'extend')::boolean then
    update worker set seen_at = clock(), until = until_then where id = own;
    with extended as (
      update lease set until = until_then, traces = coalesce(request -> 'traces' -> id::text, traces)
      where worker = own and id in (select value::bigint from json_array_elements_text(request -> 'held'))
      returning id
    )
    select coalesce(json_agg(id), '[]') into leases from extended;
  end if;
  if json_array_length(request -> 'seen') > 0 then
    delete from signal where worker = own
      and id = any (array(select value::bigint from json_array_elements_text(request -> 'seen')));
  end if;
  select json_agg(json_build_object('id', id, 'kind', kind, 'execution', execution, 'detail', detail,
    'ageMs', greatest(epoch_ms(clock()) - epoch_ms(sent_at), 0)) order by id)
  into signals from signal where worker = own;
  if json_array_length(request -> 'told') > 0 then
    perform forget_endings(request);
  end if;
  if (request ->> 'tells')::boolean and exists (select from ending) then
    endings := take_endings(own);
  end if;
  return json_build_object('leases', leases, 'signals', coalesce(signals, '[]'), 'endings', coalesce(endings, '[]'))::text;
end
$$;

-- Takes over what workers hold that no longer say that they live; the next attempt may begin at once. For the first ones of
-- each worker, as many as it runs at once, the loss counts as a failure, so that what kills its worker does not do so for
-- ever. Executions are begun in the order of their claims, so those behind them had not begun, or were done and not settled
-- yet: these must not fail for what others did, unless they may be tried once only; they remember no run that was lost, unless
-- a heartbeat told of one. Answers how many were taken over.
create function recover() returns integer ${hot(schema)} as $$
#variable_conflict use_column
declare
  expired bigint[];
  outcomes json;
  lost execution[];
  now_is timestamptz := clock();
begin
  -- A worker that is killed leaves many leases that hold nothing, too: those are not what a turn is spent on.
  loop
    select array_agg(id) into expired from (
      select id from lease where until < now_is order by id limit 20 for update skip locked
    ) as late;
    exit when expired is null;
    select array_agg(e), json_agg(json_build_object('id', id, 'lease', lease,
      'outcome', case when place <= slots or max_attempts = 1 then 'failed' else 'released' end,
      'maxAttempts', coalesce(max_attempts, 3), 'forget', coalesce(keep_failed <= interval '0', false),
      'trace', case when traces -> id::text is not null or place <= slots or max_attempts = 1
        then coalesce((traces -> id::text)::jsonb, '{}') || '{"ended":"lost"}' end,
      'error', json_build_object('type', 'LeaseExpiredError', 'code', 'THROUGHLINE_PGCONDUCTOR_LEASE_EXPIRED',
        'message', 'The worker that ran it stopped renewing its lease.')))
    into lost, outcomes
    from (
      select e, e.id, l.id as lease, l.slots, l.traces, t.max_attempts, t.keep_failed,
        row_number() over (partition by l.worker, l.queue order by l.id, listed.place) as place
      from lease l cross join lateral unnest(l.executions) with ordinality as listed (id, place)
        join execution e on e.id = listed.id and e.lease = l.id
        left join task t on t.name = e.task
      where l.id = any (expired)
    ) as held;
    delete from lease where id = any (expired);
    if outcomes is not null then
      perform note_lost(lost, outcomes, settle(json_build_object('outcomes', outcomes))::json);
      exit;
    end if;
  end loop;
  delete from signal where worker in (select id from worker where until < now_is);
  delete from worker where until < now_is;
  delete from idle_worker i where not exists (select from worker where id = i.worker);
  return coalesce(json_array_length(outcomes), 0);
end
$$;

-- Notes those that ended so, for whoever tells of it. told: as settle was told, committed: as it answered
create function note_lost(lost execution[], told json, committed json) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp ${pinnedPlans} ${joinsOfFound} as $$
begin
  if is_told() then
    perform note_ending(gone.id, gone.task, gone.queue, gone.attempt, ended.verdict,
      coalesce(gone.cancel, outcome.error), gone.trace_context, outcome.trace)
    from unnest(lost) as gone
      join (select (value ->> 0)::bigint as id, value ->> 1 as verdict from json_array_elements(committed)) as ended
        on ended.id = gone.id
      join json_to_recordset(told) as outcome (id bigint, error json, trace json) on outcome.id = gone.id
    where ended.verdict in ('dead', 'canceled');
  end if;
end
$$;

-- Moves what is due into the line, or to its gate. Answers { moved, nextMs: until the next one is due, null for never }.
create function promote(maximum integer) returns text ${hot(schema)} as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
  moved integer;
  queues text[];
  gate_tasks text[];
  gate_keys text[];
  line_queue text;
begin
  with due as (
    select ctid as place from execution
    where not avail and not gated and run_at <= now_is
    order by run_at limit maximum
    for update skip locked
  ), entered as (
    update execution e set avail = e.gate is null, gated = e.gate is not null,
      state = case when e.gate is null then 'ready' else 'gated' end
    from due where e.ctid = due.place
    returning e.queue, e.task, e.gate
  )
  select count(*), array_agg(queue), array_agg(task) filter (where gate is not null),
    array_agg(gate) filter (where gate is not null)
  into moved, queues, gate_tasks, gate_keys from entered;
  if gate_tasks is not null then
    perform depart(null, gate_tasks, gate_keys);
  end if;
  for line_queue in select distinct queue from unnest(queues) as t (queue) loop
    perform wake(line_queue);
  end loop;
  -- What is due and was not moved is locked: no reason to look again at once.
  return json_build_object('moved', moved, 'nextMs', case when moved = maximum then 0 else (
    select case when run_at < 'infinity' then date_part('epoch', run_at - now_is) * 1000 end
    from execution where not avail and not gated and run_at > now_is order by run_at limit 1) end)::text;
end
$$;

-- Lets in whoever a gate has room for: after a limit was raised, a window opened, a caller's transaction committed. One
-- worker at a time; a gate without room is seen without its lock, which settling would wait for.
create function admit_everywhere() returns bigint ${hot(schema)} as $$
#variable_conflict use_column
declare
  at_gate record;
  let_in bigint;
  admitted bigint := 0;
begin
  if not pg_try_advisory_xact_lock(hashtext('pgconductor.sweep'), hashtext(current_schema())) then
    return 0;
  end if;
  for at_gate in
    with recursive waiting as (
      (select task, gate from execution where gated order by task, gate limit 1)
      union all
      select next.task, next.gate from waiting, lateral (
        select e.task, e.gate from execution e where e.gated and (e.task, e.gate) > (waiting.task, waiting.gate)
        order by e.task, e.gate limit 1) as next
    )
    select waiting.* from waiting left join task t on t.name = waiting.task
    where in_hours(t.hours, clock()) and (t.concurrency is null or t.concurrency > (
      select count(*) from execution e
      where e.task = waiting.task and e.gate = waiting.gate and e.avail and e.gate is not null))
  loop
    let_in := admit(at_gate.task, at_gate.gate);
    admitted := admitted + let_in;
    if let_in > 0 then
      perform wake(queue_of(at_gate.task, null));
    end if;
  end loop;
  return admitted;
end
$$;

-- Removes what has been kept long enough, at most so many rows of each kind. Answers how many it removed of the kind of which
-- there were most; one worker at a time.
create function prune(maximum integer) returns bigint language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  now_is timestamptz := clock();
  throttles bigint;
  events bigint;
  executions bigint;
begin
  if not pg_try_advisory_xact_lock(hashtext('pgconductor.prune'), hashtext(current_schema())) then
    return 0;
  end if;
  delete from throttle where ctid = any (array(select ctid from throttle where until < now_is limit maximum));
  get diagnostics throttles = row_count;
  delete from event where id = any (array(
    select id from (select id, emitted_at from event order by id limit maximum) as first
    where emitted_at < now_is - interval '7 days'));
  get diagnostics events = row_count;
  delete from signal where sent_at < now_is - interval '1 hour';
  delete from ending where ended_at < now_is - interval '1 hour';
  with old as (
    select h.ctid as place from history h join task t on t.name = h.task
    where h.finished_at < now_is - (select min(least(keep_completed, keep_failed)) from task)
      and h.finished_at < now_is - case h.outcome when 'completed' then t.keep_completed else t.keep_failed end
    limit maximum
  )
  delete from history h using old where h.ctid = old.place;
  get diagnostics executions = row_count;
  return greatest(throttles, events, executions);
end
$$;

-- Whether a task keeps no history of what has failed or was cancelled.
create function forgets_failed(task_name text) returns boolean language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select coalesce((select keep_failed <= interval '0' from task where name = task_name), false);
$$;

-- request: { id, reason }. Answers 'canceled', 'canceling' when it runs and its worker was told, 'finished' or 'unknown'.
create function cancel(request json) returns text ${hot(schema)} as $$
#variable_conflict use_column
declare
  asked bigint := (request ->> 'id')::bigint;
  target execution;
  successive successor;
  verdict text;
  now_is timestamptz := clock();
  why json := json_build_object('type', 'CanceledError', 'code', 'THROUGHLINE_PGCONDUCTOR_CANCELED',
    'message', coalesce(request ->> 'reason', 'canceled'));
begin
  loop
    select * into target from execution where id = asked;
    perform id from execution where id = any (array[target.parent, target.id]) order by id for update;
    select * into target from execution where id = asked for update;
    exit when found;
    with replaced as (
      delete from successor where id = asked returning *
    ), kept as (
      insert into history (id, enqueued_at, run_at, finished_at, priority, attempt, failures, outcome, queue, task,
        dedupe_key, trigger, payload, error, trace_context, earlier_traces)
      select id, enqueued_at, run_at, now_is, priority, 0, 0, 'canceled', queue, task, dedupe_key, trigger, payload, why,
        trace_context, earlier_traces
      from replaced where not forgets_failed(task)
    )
    select * into successive from replaced;
    if found then
      if is_told() then
        perform note_ending(asked, successive.task, successive.queue, 0, 'canceled', why, successive.trace_context, null);
      end if;
      return 'canceled';
    end if;
    -- Once more when it went on from table to table between these statements.
    select case when exists (select from history where id = asked) then 'finished'
      when not exists (select from execution where id = asked union all select from successor where id = asked) then 'unknown'
      end into verdict;
    if verdict is not null then
      return verdict;
    end if;
  end loop;
  if target.lease is not null then
    update execution set cancel = why where id = target.id;
    insert into signal (worker, kind, execution, detail, sent_at)
    select worker, 'cancel', target.id, why, now_is from lease where id = target.lease;
    perform pg_notify(channel(), json_build_object('worker', worker)::text) from lease where id = target.lease;
    return 'canceling';
  end if;
  delete from execution where id = target.id;
  insert into history (id, parent, enqueued_at, run_at, finished_at, priority, attempt, failures, outcome, queue, task,
    dedupe_key, trigger, payload, error, trace_context, last_trace, earlier_traces)
  select target.id, target.parent, target.enqueued_at, target.run_at, now_is, target.priority, target.attempt,
    target.failures, 'canceled', target.queue, target.task, target.dedupe_key, target.trigger, target.payload, why,
    target.trace_context, target.last_trace, target.earlier_traces
  where not forgets_failed(target.task);
  if is_told() then
    perform note_ending(target.id, target.task, target.queue, target.attempt, 'canceled', why, target.trace_context,
      target.last_trace);
  end if;
  perform forget_steps(array[target.id]);
  if target.parent is not null then
    perform resolve_steps(json_build_array(json_build_object('execution', target.parent, 'key', target.parent_key,
      'outcome', 'failed', 'error', why)));
  end if;
  perform depart(array[target.id], array[target.task], array[target.gate]);
  return 'canceled';
end
$$;

-- request: { queues: [name], tasks: [name] }. Whether any of their executions stands in the line, is due and has not been
-- moved there yet, waits at a gate that could open, or follows from a tick that is due: what a drain waits for.
create function has_work(request json) returns boolean ${hot(schema)} as $$
#variable_conflict use_column
declare
  names text[] := array(select json_array_elements_text(request -> 'tasks'));
  lines text[] := array(select json_array_elements_text(request -> 'queues'));
begin
  return exists (select from execution where queue = any (lines) and avail and task = any (names))
    or exists (select from execution where not avail and not gated and run_at <= clock()
      and queue = any (lines) and task = any (names))
    or exists (select from schedule where (next_at is null or next_at <= clock()) and task = any (names))
    or exists (select from execution e join task t on t.name = e.task
      where e.gated and e.queue = any (lines) and e.task = any (names)
        and in_hours(t.hours, clock()));
end
$$;
`,
};
