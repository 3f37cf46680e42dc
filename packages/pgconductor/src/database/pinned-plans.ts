/**
 * Settings of functions that touch the hot table. Fresh statistics, a guessed array length or an unknown limit would
 * otherwise turn their index scans into scans of the whole table, and the plan stays cached: measured, a drain of 100,000
 * rows that were never analysed is three times slower without. A plan made while the table is empty stays, too: then a scan
 * of a whole index looks as cheap as one look-up in it, as long as its rows may be kept for the next one. Before PostgreSQL
 * 18 what is off and cannot be avoided counts as so dear that its plan would be compiled, each time. As settings of the
 * function they also hold behind poolers.
 *
 * @see {@link https://www.postgresql.org/docs/current/runtime-config-query.html | PostgreSQL: Query Planning}
 */
export const pinnedPlans = `
set jit = off
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off`;

/**
 * After {@link pinnedPlans}, for functions that join what they were told with rows that they found. On a table that was
 * analysed while it was empty a nested loop begins with the table, and asks of each row whether it was told of: measured,
 * 500 outcomes then take half a minute beside 100,000 rows. So rows are found by `id = any (…)`, which leaves no choice, and
 * only what was found is joined, by hash.
 */
export const joinsOfFound = `
set enable_nestloop = off
set enable_hashjoin = on`;
