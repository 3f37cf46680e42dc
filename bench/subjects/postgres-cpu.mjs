import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts CPU time in ticks of a hundredth of a second. */
const MICROS_PER_TICK = 10_000;

/**
 * CPU time of a PostgreSQL server on this machine, of all its processes, those that have ended too.
 *
 * @param {number} backend process id of one of its connections
 * @returns {() => number} microseconds so far; `NaN` where there is no `/proc`
 */
export function serverCpu(backend) {
  const server = statOf(backend)?.parent;
  if (server === undefined) return () => Number.NaN;
  return () => {
    let ticks = statOf(server)?.endedChildren ?? 0;
    for (const entry of readdirSync('/proc')) {
      const stat = statOf(Number(entry));
      if (stat !== undefined && (stat.parent === server || stat.pid === server)) ticks += stat.own;
    }
    return ticks * MICROS_PER_TICK;
  };
}

/**
 * @param {number} pid
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function statOf(pid) {
  if (!Number.isInteger(pid)) return undefined;
  const text = readOrNothing(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name before the last bracket may hold anything.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11);
  return { pid, parent, own: user + system, endedChildren: endedUser + endedSystem };
}

/** @param {string} file */
function readOrNothing(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
