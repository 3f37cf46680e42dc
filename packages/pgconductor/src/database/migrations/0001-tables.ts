import type { Migration } from './migration.ts';

/**
 * The tables.
 *
 * `execution` is the hot one. It holds what is not over, and nothing that neither claim nor settle needs. A claim writes
 * `state`, `lease` and `attempt`, which no index mentions, not even in a predicate, and more than half of each page is left
 * free, for what is claimed has become a little longer: so its updates stay on their page and touch no index (HOT). `avail`
 * is true from the moment an execution stands in the line until it leaves it, running or not, for the same reason.
 *
 * Payloads and carriers are `json`, not `jsonb`: kept as they were written, neither taken apart nor put together again.
 */
export const tables: Migration = {
  name: '0001-tables',
  sql: () => `
create sequence execution_id maxvalue 9007199254740991;
create sequence lease_id maxvalue 9007199254740991;

create table task (
  name text primary key,
  queue text not null,
  max_attempts integer not null,
  gate text not null default 'none' check (gate in ('none', 'task', 'key')),
  gate_path text[] not null default '{}',
  concurrency integer,
  hours json,
  keep_completed interval,
  keep_failed interval,
  registered_at timestamptz not null
);

create table execution (
  id bigint not null default nextval('execution_id') primary key,
  lease bigint,
  parent bigint,
  enqueued_at timestamptz not null,
  run_at timestamptz not null,
  priority integer not null default 0,
  attempt integer not null default 0,
  failures integer not null default 0,
  open_children integer not null default 0,
  avail boolean not null,
  gated boolean not null default false,
  state text not null,
  queue text not null,
  task text not null,
  gate text,
  dedupe_key text,
  parent_key text,
  trigger text,
  payload json,
  trace_context json,
  last_trace json,
  earlier_traces json,
  error json,
  cancel json
) with (fillfactor = 45);

create index execution_line on execution (queue, priority, id) where avail;
create index execution_due on execution (run_at) where not avail and not gated;
create index execution_gated on execution (task, gate, priority, id) where gated;
create index execution_admitted on execution (task, gate) where avail and gate is not null;
create unique index execution_dedupe on execution (task, dedupe_key) where dedupe_key is not null;

create table lease (
  id bigint primary key,
  worker text not null,
  queue text not null,
  token text not null,
  until timestamptz not null,
  slots integer not null,
  executions bigint[] not null,
  traces json
);
-- Read by recovery only, and gone in a moment: compressing the list would cost more than the row.
alter table lease alter column executions set storage external;

create table history (
  id bigint primary key,
  parent bigint,
  enqueued_at timestamptz not null,
  run_at timestamptz not null,
  finished_at timestamptz not null,
  priority integer not null,
  attempt integer not null,
  failures integer not null,
  outcome text not null,
  queue text not null,
  task text not null,
  dedupe_key text,
  trigger text,
  payload json,
  result json,
  error json,
  trace_context json,
  last_trace json,
  earlier_traces json
);

create index history_finished on history using brin (finished_at) with (pages_per_range = 16);

create table step (
  execution bigint,
  key text,
  kind text not null check (kind in ('step', 'sleep', 'child', 'event')),
  outcome text check (outcome in ('none', 'done', 'failed', 'timeout')),
  child bigint,
  due timestamptz,
  value json,
  error json,
  primary key (execution, key)
);

create table successor (
  execution bigint primary key,
  id bigint not null default nextval('execution_id'),
  queue text not null,
  task text not null,
  dedupe_key text not null,
  enqueued_at timestamptz not null,
  run_at timestamptz not null,
  priority integer not null,
  gate text,
  trigger text,
  payload json,
  trace_context json,
  earlier_traces json
);

create table throttle (
  task text,
  key text,
  until timestamptz not null,
  primary key (task, key)
);

create table worker (
  id text primary key,
  host text not null,
  pid integer not null,
  queues text[] not null,
  schema_version text not null,
  started_at timestamptz not null,
  seen_at timestamptz not null default now(),
  until timestamptz not null,
  sent_away_at timestamptz,
  tells boolean not null default false
);

-- What ended without a run that could tell it, for whoever has a telemetry; empty where nobody has. A row is removed when its
-- teller has said that the answer arrived.
create table ending (
  execution bigint primary key,
  ended_at timestamptz not null,
  told json not null,
  teller text,
  taken_at timestamptz
);

-- When the lines were straightened last.
create table line_look (
  looked_at timestamptz not null
);

insert into line_look values ('-infinity');

-- While a breaking migration waits for workers to leave, none of their version may come.
create table departure (
  until timestamptz not null
);

create table idle_worker (
  queue text,
  worker text,
  primary key (queue, worker)
);

create table signal (
  id bigint generated always as identity primary key,
  worker text not null,
  kind text not null,
  execution bigint,
  detail json,
  sent_at timestamptz not null
);

create index signal_worker on signal (worker);
`,
};
