import { pinnedPlans } from '../pinned-plans.ts';
import type { Migration } from './migration.ts';

/**
 * Taking work out of the line.
 *
 * One statement: the first rows of the line that nobody holds are locked, one lease row lists them, and they are marked
 * as running. The list may name an execution that another transaction changed meanwhile and that was therefore not
 * claimed, so whoever reads it compares `execution.lease` with the lease.
 *
 * The answer is one row, whose columns are JSON arrays with one element per execution: a client reads each with one call
 * of its JSON parser, and what is the same for all is `null`.
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
  attempts text,
  failures text,
  payloads text,
  absent text,
  gates text,
  triggers text,
  times text,
  traces text
);

-- request: { worker, queue, tasks: [name], limit, leaseMs, traces: whether times and carriers are wanted,
--            markIdle: whether to note the worker as idle when nothing is there, unmarkIdle: whether to undo that }
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
  with line as (
    select id, ctid as place from execution
    where queue = line_queue and avail and lease is null and task = any (names)
    order by priority, id
    limit line_limit
    for update skip locked
  ), leased as (
    insert into lease (id, worker, queue, until, executions)
    select now_lease, line_worker, line_queue, now_is + milliseconds((request ->> 'leaseMs')::double precision), array_agg(id)
    from line having count(*) > 0
  ), running as (
    update execution e set state = 'running', lease = now_lease, attempt = e.attempt + 1
    from line where e.ctid = line.place
    returning e.*
  )
  select
    now_lease,
    epoch_ms(now_is),
    count(*),
    '[' || string_agg(id::text, ',') || ']',
    '[' || string_agg(array_position(names, task)::text, ',') || ']',
    case when max(attempt) > 1 then '[' || string_agg(attempt::text, ',') || ']' end,
    case when max(failures) > 0 then '[' || string_agg(failures::text, ',') || ']' end,
    '[' || string_agg(coalesce(payload::text, 'null'), ',') || ']',
    case when count(payload) < count(*) then '[' || string_agg((payload is null)::integer::text, ',') || ']' end,
    case when count(gate) > 0 then json_agg(gate)::text end,
    case when count(trigger) > 0 then json_agg(trigger)::text end,
    case when with_traces then '[' || string_agg(epoch_ms(enqueued_at) || ',' || epoch_ms(run_at), ',') || ']' end,
    case when with_traces and count(trace_context) + count(last_trace) > 0
      then json_agg(json_build_array(trace_context, last_trace, earlier_traces))::text end
  into answer from running;
  if answer.count = 0 then
    if (request ->> 'markIdle')::boolean then
      insert into idle_worker (queue, worker) values (line_queue, line_worker) on conflict do nothing;
    end if;
  elsif (request ->> 'unmarkIdle')::boolean then
    delete from idle_worker where queue = line_queue and worker = line_worker;
  end if;
  return answer;
end
$$;
`,
};
