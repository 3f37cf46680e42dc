import type { QueueStatus, ScheduleStatus, Status, WorkerStatus } from '../database/status.ts';
import { printable } from './printable.ts';

/** A status for people: a table for each part. */
export function statusText(status: Status): string {
  const { now, migrations, pendingMigrations, queues, workers, failedLastDay, schedules } = status;
  const pending = pendingMigrations.length === 0 ? '' : `, pending: ${pendingMigrations.join(', ')}`;
  return [
    `Schema    ${migrations.at(-1)?.name ?? 'none'}${pending}`,
    part(
      'Queues',
      ['queue', 'ready', 'running', 'scheduled', 'others', 'oldest ready'],
      queues.map(queueRow),
    ),
    part(
      'Workers',
      ['host', 'pid', 'queues', 'running', 'leases', 'up for', 'alive'],
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

function queueRow({ queue, states, oldestReadyMs }: QueueStatus): string[] {
  const { ready = 0, running = 0, scheduled = 0, ...rest } = states;
  const others = Object.entries(rest).map(([state, count]) => `${state} ${count}`);
  return [queue, `${ready}`, `${running}`, `${scheduled}`, others.join(', '), durationText(oldestReadyMs)];
}

function workerRow(now: number): (worker: WorkerStatus) => string[] {
  return ({ host, pid, queues, running, leases, startedAt, aliveForMs }) => [
    host,
    `${pid}`,
    queues.join(', '),
    `${running}`,
    `${leases}`,
    durationText(now - startedAt),
    aliveForMs > 0 ? 'yes' : `gone for ${durationText(-aliveForMs)}`,
  ];
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
