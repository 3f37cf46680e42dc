import { pinnedPlans } from '../pinned-plans.ts';
import type { Migration } from './migration.ts';

/**
 * Taking work out of the line.
 *
 * One statement: the first rows of the line that nobody holds are locked, one lease row lists them, and they are marked
 * as running. The list may name an execution that another transaction changed meanwhile and that was therefore not
 * claimed, so whoever reads it compares `execution.lease` with the lease.
 *
 * The answer is one row. Its columns are JSON arrays, so that a client reads each with one call of its JSON parser. Those
 * that every execution needs have one element for each; what few have comes as pairs with their ids.
 */
export const claim: Migration = {
  name: '0003-claim',
  sql: (schema) => `
create type claimed as (
  lease bigint,
  claimed_at bigint,
  count integer,
  ids text,
  tasks text,
  payloads text,
  starts text,
  marks text,
  steps text,
  traces text
);

-- Undoes a claim.
create function give_back(given_lease bigint) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp ${pinnedPlans}
as $$
begin
  update execution e set lease = null, state = 'ready', attempt = e.attempt - 1
  from lease l, unnest(l.executions) as listed (id)
  where l.id = given_lease and e.id = listed.id and e.lease = l.id;
  if found then
    perform wake(queue) from lease where id = given_lease;
  end if;
  delete from lease where id = given_lease;
end
$$;

-- request: { worker, queue, tasks: [name], limit, leaseMs, token: of this claim, isAgain: whether it was sent before and its
--            answer was lost, in which case what it took is given back first, slots: how many the worker runs at once,
--            traces: whether times and carriers are wanted, isSeldom: whether to be marked as idle also when something was
--            found, if less than was asked for }
-- A claim that finds nothing marks its worker as idle, and so does one that finds less than it asked for while work comes
-- seldom. Every other claim removes the mark.
create function claim(request json) returns claimed language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp ${pinnedPlans}
as $$
#variable_conflict use_column
declare
  answer claimed;
  line_queue text := request ->> 'queue';
  line_worker text := request ->> 'worker';
  line_limit integer := request ->> 'limit';
  names text[] := array(select json_array_elements_text(request -> 'tasks'));
  with_traces boolean := coalesce((request ->> 'traces')::boolean, false);
  now_is timestamptz := clock();
  now_lease bigint := nextval('lease_id');
begin
  if (request ->> 'isAgain')::boolean then
    perform give_back(id) from lease where worker = line_worker and token = request ->> 'token';
  end if;
  with line as (
    select id, ctid as place from execution
    where queue = line_queue and avail and lease is null and task = any (names)
    order by priority, id
    limit line_limit
    for update skip locked
  ), leased as (
    insert into lease (id, worker, queue, token, until, slots, executions)
    select now_lease, line_worker, line_queue, coalesce(request ->> 'token', ''),
      now_is + milliseconds((request ->> 'leaseMs')::double precision), coalesce((request ->> 'slots')::integer, line_limit),
      array_agg(id)
    from line having count(*) > 0
  ), running as (
    update execution e set state = 'running', lease = now_lease, attempt = e.attempt + 1
    from line where e.ctid = line.place
    returning e.id, e.enqueued_at, e.run_at, e.attempt, e.failures, e.parent, e.task, e.gate, e.trigger, e.payload, e.trace_context,
      e.last_trace, e.earlier_traces
  )
  select
    now_lease,
    epoch_ms(now_is),
    count(*),
    '[' || string_agg(id::text, ',') || ']',
    '[' || string_agg(array_position(names, task)::text, ',') filter (where cardinality(names) > 1) || ']',
    '[' || string_agg(coalesce(payload::text, 'null'), ',') || ']',
    '[' || string_agg('[' || id || ',' || attempt || ',' || failures || ']', ',') filter (where attempt > 1) || ']',
    json_agg(json_build_array(id, gate, trigger, payload is null, parent is not null))
      filter (where gate is not null or trigger is not null or payload is null or parent is not null),
    null,
    '{"enqueued":[' || string_agg(epoch_ms(enqueued_at)::text, ',') filter (where with_traces)
      || '],"carriers":[' || string_agg(coalesce(trace_context::text, 'null'), ',') filter (where with_traces)
      || '],"others":' || coalesce(json_agg(json_build_array(id, epoch_ms(run_at), last_trace, earlier_traces))
        filter (where with_traces and (run_at <> enqueued_at or last_trace is not null or earlier_traces is not null))::text, 'null') || '}'
  into answer from running;
  if answer.starts is not null then
    answer.steps := resume(array(select (value ->> 0)::bigint from json_array_elements(answer.starts::json)));
  end if;
  if answer.count = 0 or answer.count < line_limit and (request ->> 'isSeldom')::boolean then
    -- Not one that only gives back, nor one that has left while its claim was on the way.
    insert into idle_worker (queue, worker) select line_queue, line_worker
    where line_limit > 0 and exists (select from worker where id = line_worker)
    on conflict do nothing;
  else
    delete from idle_worker where queue = line_queue and worker = line_worker;
  end if;
  return answer;
end
$$;
`,
};
