import type { Migration } from './migration.ts';

/** What of the queues can be measured, by one worker at a time. */
export const observation: Migration = {
  name: '0012-observation',
  sql: (schema) => `
create table observer (
  id boolean primary key default true check (id),
  holder text not null,
  until timestamptz not null
);

-- request: { holder, leaseMs }. Counts all queues for whoever has the lease or gets it; null for everybody else.
-- Answers { now: in ms since the epoch, queues: [name] of all tasks, counts: [[queue, state, count, since when the oldest one
-- that is due waits, in ms since the epoch, or null]] }.
create function count_queues(request json) returns text language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock();
begin
  insert into observer as o (holder, until)
  values (request ->> 'holder', now_is + milliseconds((request ->> 'leaseMs')::double precision))
  on conflict (id) do update set holder = excluded.holder, until = excluded.until
  where o.until < now_is or o.holder = excluded.holder;
  if not found then
    return null;
  end if;
  return (select json_build_object(
    'now', epoch_ms(now_is),
    'queues', (select coalesce(json_agg(distinct queue), '[]') from task),
    'counts', (select coalesce(json_agg(json_build_array(queue, place, count, epoch_ms(oldest))), '[]') from (
      select queue,
        case when lease is not null then 'running' when avail then 'ready' when gated then 'gated' else state end as place,
        count(*), min(run_at) filter (where lease is null and run_at <= now_is) as oldest
      from execution group by 1, 2) as counted)))::text;
end
$$;

create function stop_counting(request json) returns void language sql
set search_path = ${schema}, pg_catalog, pg_temp as $$
  delete from observer where holder = request ->> 'holder';
$$;
`,
};
