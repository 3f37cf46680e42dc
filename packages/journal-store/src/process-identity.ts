import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process wrote a file, so that others can tell later whether it still runs. */
export interface ProcessIdentity {
  /** The host's name, for people. */
  readonly host: string;
  /** Eight hex digits of the host's name, its boot and its namespace of pids: where `pid` means anything. */
  readonly machine: string;
  readonly pid: number;
  /** When the process started, as the system tells it; `'0'` where it does not tell. */
  readonly startedAt: string;
}

/** Stands for the pid of a process in the name of a file that it has handed over. No process has it. */
export const NOBODY = 0;
const UNKNOWN_START = '0';
let own: ProcessIdentity | undefined;

/** The process that calls. */
export function thisProcess(): ProcessIdentity {
  own ??= {
    host:
      hostname()
        .replaceAll(/[^A-Za-z0-9.-]/g, '-')
        .slice(0, 63) || 'host',
    machine: machineId(),
    pid: process.pid,
    startedAt: statOf(process.pid)?.startedAt ?? UNKNOWN_START,
  };
  return own;
}

/**
 * Tells whether the process that wrote a file may still run.
 *
 * On the machine of the caller the system knows: a pid that is gone, a zombie, and a pid that another process got since
 * are dead. Of another machine, another boot and another container only `touchedAt` is known.
 *
 * @param touchedAt when the file was last written or touched, in ms since the epoch
 * @param foreignAfterMs how long a process elsewhere may be silent
 */
export function mayRun(owner: ProcessIdentity, touchedAt: number, foreignAfterMs: number): boolean {
  if (owner.pid === NOBODY) return false;
  const { machine } = thisProcess();
  if (owner.machine !== machine) return Date.now() - touchedAt < foreignAfterMs;
  if (!exists(owner.pid)) return false;
  const stat = statOf(owner.pid);
  if (stat === undefined) return true;
  if (stat.isZombie) return false;
  return owner.startedAt === UNKNOWN_START || owner.startedAt === stat.startedAt;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * What Linux tells of a process; `undefined` elsewhere, and when it is hidden or gone.
 *
 * @see {@link https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html | proc_pid_stat(5)}: fields 3 and 22
 */
function statOf(pid: number): { readonly isZombie: boolean; readonly startedAt: string } | undefined {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The second field is the name of the program in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[19]);
  if (fields.length < 20 || !Number.isSafeInteger(ticks)) return undefined;
  return { isZombie: fields[0] === 'Z' || fields[0] === 'X', startedAt: ticks.toString(36) };
}

function machineId(): string {
  const boot = textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'));
  const pids = textOf(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256').update(`${hostname()}\n${boot}\n${pids}`).digest('hex').slice(0, 8);
}

function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
