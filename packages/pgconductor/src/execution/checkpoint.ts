import { demandGoing } from './durable-run.ts';
import type { Execution } from './execution.ts';

/** Passes unless the engine wants the run to stop: then it gives the execution back, or tells that it was cancelled. */
export async function checkpoint(execution: Execution): Promise<void> {
  await demandGoing(execution);
  if (execution.host.isStopping() || isOutsideWindow(execution)) await execution.durable.release();
}

function isOutsideWindow({ task, batch }: Execution): boolean {
  const { window } = task.task.settings;
  if (window === undefined) return false;
  // The database's clock, carried on.
  return !window.isOpen(batch.claimedAt + performance.now() - batch.arrivedAt);
}
