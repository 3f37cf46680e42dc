import type { QueueStatus, ScheduleStatus, Status, WorkerStatus } from '../database/status.ts';
import { printable } from './printable.ts';
import { versionText } from './version-text.ts';

/** A status for people: a table for each part. */
export function statusText(status: Status): string {
  const { now, schema, queues, workers, failedLastDay, schedules } = status;
  return [
    `Schema ${printable(schema)}, ${printable(versionText(status))}`,
    part('Queues', [...queueHead, 'oldest ready', 'failed in a day'], queues.map(queueRow)),
    part(
      'Workers',
      ['host', 'pid', 'queues', 'running', 'leases', 'up for', 'last seen'],
      workers.map(workerRow(now)),
    ),
    part(
      'Failed in the last day',
      ['task', 'count', 'last error'],
      failedLastDay.map(({ task, count, lastError }) => [task, String(count), lastError ?? '']),
    ),
    part(
      'Schedules',
      ['task', 'name', 'cron', 'time zone', 'next', 'late', 'last lag'],
      schedules.map(scheduleRow),
    ),
  ].join('\n\n');
}

const states = ['ready', 'running', 'scheduled', 'waiting', 'sleeping', 'gated', 'succeeding'] as const;
const queueHead = ['queue', ...states];

function queueRow({ queue, states: counts, oldestReadyMs, failedLastDay }: QueueStatus): string[] {
  const cells = states.map((state) => String(counts[state] ?? 0));
  return [queue, ...cells, durationText(oldestReadyMs), String(failedLastDay)];
}

function workerRow(now: number): (worker: WorkerStatus) => string[] {
  return (worker) => {
    const { host, pid, queues, running, leases, startedAt } = worker;
    const upFor = durationText(now - startedAt);
    return [host, `${pid}`, queues.join(', '), `${running}`, `${leases}`, upFor, seenText(worker)];
  };
}

/** One that was killed is among them until its leases are over. */
function seenText({ lastSeenMs, isSilent, aliveForMs }: WorkerStatus): string {
  const seen = `${durationText(lastSeenMs)} ago`;
  if (aliveForMs <= 0) return `${seen}, gone: others take over what it held`;
  return isSilent ? `${seen}, silent: what it holds is taken over in ${durationText(aliveForMs)}` : seen;
}

function scheduleRow({ task, name, cron, timeZone, nextAt, lateMs, lastLagMs }: ScheduleStatus): string[] {
  const next = nextAt === null ? '' : new Date(nextAt).toISOString();
  return [task, name, cron, timeZone, next, lateMs ? durationText(lateMs) : '', durationText(lastLagMs)];
}

function part(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `${title}\n  none`;
  const cells = [head, ...rows].map((row) => row.map((cell) => printable(cell).replaceAll('\n', ' ')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map(
    (row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`,
  );
  return [title, ...lines.map((line) => line.trimEnd())].join('\n');
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** In its largest unit, with one decimal below ten; nothing for `null`. */
function durationText(ms: number | null): string {
  if (ms === null) return '';
  const [unit, size] = units.find(([, least]) => ms >= least) ?? ['ms', 1];
  const value = ms / size;
  return `${value < 10 && unit !== 'ms' ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
