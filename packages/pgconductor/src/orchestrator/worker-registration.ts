import { hostname } from 'node:os';
import process from 'node:process';
import { schemaVersion } from '../database/migrate.ts';
import { query } from '../database/query.ts';
import { triggerError } from '../task/trigger-invalid-error.ts';
import type { OrchestratorSettings } from './orchestrator-options.ts';
import { taskRow } from './task-row.ts';
import { isOutdated, WorkerOutdatedError } from './worker-outdated-error.ts';

/**
 * Tells the database of a worker and its tasks.
 *
 * @throws WorkerOutdatedError `THROUGHLINE_PGCONDUCTOR_WORKER_OUTDATED`
 */
export async function registerWorker(
  worker: string,
  { core, leaseMs, tasks }: OrchestratorSettings,
): Promise<void> {
  const request = {
    worker,
    host: hostname(),
    pid: process.pid,
    schemaVersion,
    leaseMs,
    queues: [...tasks.keys()],
    tells: core.telemetry !== undefined,
    tasks: [...tasks.values()].flat().map(taskRow),
  };
  try {
    await query(core.database.sql, core.queries.register, [JSON.stringify(request)]);
  } catch (error) {
    throw isOutdated(error) ? new WorkerOutdatedError(error) : triggerError(error);
  }
}
