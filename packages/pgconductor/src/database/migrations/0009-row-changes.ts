import type { Migration } from './migration.ts';

/**
 * Triggers on tables of the application.
 *
 * One function and one trigger for each table and operation, whatever listens to it, so that only the first one who listens
 * has to lock the table, and only the last one who leaves. The function runs as its owner, for whoever changes rows may have
 * no rights here; its search path is fixed.
 *
 * Conditions stand in the function as they were given, each after an assignment that only a semicolon can end: registering
 * has found each to be one expression, which has none.
 */
export const rowChanges: Migration = {
  name: '0009-row-changes',
  sql: (schema) => `
-- What functions and triggers there are.
create table row_trigger (
  schema_name text,
  table_name text,
  operation text,
  digest text not null,
  primary key (schema_name, table_name, operation)
);

create function row_function_name(target json) returns text language sql immutable as $$
  select 'row_change_' || md5(json_build_array(target ->> 'schema', target ->> 'table', target ->> 'operation')::text);
$$;

create function row_trigger_name(target json) returns text language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select 'pgconductor_' || left(md5(current_schema()), 8) || '_' || (target ->> 'operation');
$$;

create function row_table(target json) returns regclass language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select to_regclass(format('%I.%I', target ->> 'schema', target ->> 'table'));
$$;

create function has_row_trigger(target json) returns boolean language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select exists (select from pg_trigger where tgrelid = row_table(target) and tgname = row_trigger_name(target));
$$;

-- What a row change tells its task. Called by row functions only, whose search path holds: setting one for each row costs
-- more than the row does, and so does the way through enqueue, which is left to tasks with a gate.
create function row_changed(task_name text, trigger_name text, columns json, old_row json, new_row json) returns void language plpgsql as $$
#variable_conflict use_column
declare
  listener task;
  now_is timestamptz := clock();
  change json := json_build_object('old', pick(old_row, columns), 'new', pick(new_row, columns));
  line_queue text;
begin
  select * into listener from task where name = task_name;
  if listener.gate <> 'none' then
    perform enqueue(json_build_object('task', task_name, 'notify', true, 'items', json_build_array(json_build_object(
      'trigger', trigger_name, 'trace', carried_trace(), 'payload', change))));
    return;
  end if;
  line_queue := coalesce(listener.queue, 'default');
  insert into execution (queue, task, enqueued_at, run_at, trigger, payload, trace_context, avail, state)
  values (line_queue, task_name, now_is, now_is, trigger_name, change, carried_trace(), true, 'ready');
  if exists (select from idle_worker where queue = line_queue) then
    perform wake(line_queue);
  end if;
end
$$;

create function row_function_body(target json) returns text language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select E'#variable_conflict use_column\\ndeclare\\n  pgconductor_condition boolean;\\nbegin\\n'
    || string_agg(
      case when definition ->> 'when' is null then E'  pgconductor_condition := true;\\n'
      else format(E'  begin\\n    pgconductor_condition := (\\n%s\\n);\\n'
        || E'  exception when others then\\n    pgconductor_condition := false;\\n'
        || E'    perform trigger_failed(%L, sqlerrm);\\n  end;\\n', definition ->> 'when', key) end
      || format(E'  if pgconductor_condition then\\n    perform row_changed(%L, %L, %L, %s, %s);\\n  end if;\\n',
        task, name, definition -> 'columns',
        case when definition ->> 'operation' = 'insert' then 'null' else 'to_json(old)' end,
        case when definition ->> 'operation' = 'delete' then 'null' else 'to_json(new)' end), '' order by key)
    || E'  return null;\\nend'
  from task_trigger
  where active and kind = 'row' and definition ->> 'schema' = target ->> 'schema'
    and definition ->> 'table' = target ->> 'table' and definition ->> 'operation' = target ->> 'operation';
$$;

-- The tables whose function or trigger is not as the active triggers want it: JSON array of { schema, table, operation }. A
-- table that is gone is none of them until it is there again.
create function stale_row_triggers() returns text language sql stable
set search_path = ${schema}, pg_catalog, pg_temp as $$
  select coalesce(json_agg(target), '[]')::text from (
    select json_build_object('schema', schema_name, 'table', table_name, 'operation', operation) as target, digest
    from (
      select distinct definition ->> 'schema' as schema_name, definition ->> 'table' as table_name, definition ->> 'operation' as operation
      from task_trigger where active and kind = 'row'
    ) as wanted full join row_trigger using (schema_name, table_name, operation)
  ) as every
  where row_function_body(target) is null
    or row_table(target) is not null and (digest is distinct from md5(row_function_body(target)) or not has_row_trigger(target));
$$;

-- The part that locks no table of the application. Without anybody who listens the function does nothing any more.
create function write_row_function(target json) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp as $$
declare
  path text := quote_ident(current_schema());
begin
  perform lock_triggers();
  if row_function_body(target) is not null or to_regprocedure(format('%I()', row_function_name(target))) is not null then
    execute format('create or replace function %I() returns trigger language plpgsql security definer '
      || 'set search_path = pg_catalog, %s, %I, pg_temp as %L', row_function_name(target), path, target ->> 'schema', coalesce(row_function_body(target), 'begin return null; end'));
  end if;
end
$$;

-- The part that does, for a moment: it waits no longer than lock_timeout, and is asked for again.
create function attach_row_trigger(target json) returns void language plpgsql
set search_path = ${schema}, pg_catalog, pg_temp set lock_timeout = '250ms' as $$
declare
  body text := row_function_body(target);
begin
  perform lock_triggers();
  if body is not null then
    if not has_row_trigger(target) then
      execute format('create trigger %I after %s on %s for each row execute function %I()',
        row_trigger_name(target), target ->> 'operation', row_table(target), row_function_name(target));
    end if;
    insert into row_trigger values (target ->> 'schema', target ->> 'table', target ->> 'operation', md5(body))
    on conflict (schema_name, table_name, operation) do update set digest = excluded.digest;
    return;
  end if;
  -- Only the owner of a table may drop its triggers, and one that was renamed is not found. There it stays, with a function
  -- that does nothing.
  begin
    if row_table(target) is not null and has_row_trigger(target) then
      execute format('drop trigger %I on %s', row_trigger_name(target), row_table(target));
    end if;
    execute format('drop function if exists %I()', row_function_name(target));
  exception when insufficient_privilege or dependent_objects_still_exist then
    null;
  end;
  delete from row_trigger where schema_name = target ->> 'schema' and table_name = target ->> 'table'
    and operation = target ->> 'operation';
end
$$;
`,
};
