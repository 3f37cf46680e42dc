import type { Migration } from './migration.ts';

/**
 * The one clock. Every due time, lease and window is reckoned by it, never by a worker's own. A test sets
 * `pgconductor.clock` in its sessions, or replaces the function.
 */
export const clock: Migration = {
  name: '0002-clock',
  sql: () => `
create function clock() returns timestamptz language sql volatile as $$
  select coalesce(nullif(current_setting('pgconductor.clock', true), '')::timestamptz, clock_timestamp());
$$;

create function milliseconds(duration double precision) returns interval language sql immutable as $$
  select make_interval(secs => least(greatest(duration, 0), 9e12) / 1000);
$$;

create function epoch_ms(moment timestamptz) returns bigint language sql stable as $$
  select (date_part('epoch', moment) * 1000)::bigint;
$$;
`,
};
