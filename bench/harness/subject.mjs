/**
 * One variant of a benchmark: a module that default-exports this shape. It runs in a process of its own, so that two
 * variants never share a JIT, a heap or a copy of a module.
 *
 * @typedef {object} Subject
 * @property {() => unknown} [prepare] opens what the run needs; not measured
 * @property {() => unknown} warmUp does the same work as `run`, long enough for the JIT; not measured
 * @property {() => Promise<Work> | Work} run does the work, consumes every result, and tells how much it did
 * @property {() => unknown} [end] closes what `prepare` opened; not measured
 * @property {() => Record<string, number>} [facts] further figures of this run, for the report
 */

/**
 * How many units were done; with `micros` when the subject took the time itself, because not all it did is to be counted,
 * and with `cpuMicros` when its process did not work all that time.
 *
 * @typedef {number | { units: number, micros: number, cpuMicros?: number }} Work
 */

/**
 * What one run of a subject took.
 *
 * @typedef {object} Measurement
 * @property {number} units
 * @property {number} cpuMicros CPU time of the process (user and system) during `run`
 * @property {number} wallMicros
 * @property {Record<string, number>} facts
 */

/**
 * The address of a subject's file.
 *
 * @param {string} name file in `subjects/`, without its ending
 * @param {string} [query] what the subject reads from its own address
 */
export function subject(name, query = '') {
  return new URL(`../subjects/${name}.mjs?${query}`, import.meta.url);
}
