import { demandGoing } from './durable-run.ts';
import type { Execution } from './execution.ts';

/**
 * Passes unless the engine wants the run to stop: then it gives the execution back, or tells that it was cancelled. While the
 * work of a step goes on it gives nothing back: that work would be lost, and where it is the one that asks, it would never end.
 */
export async function checkpoint(execution: Execution): Promise<void> {
  await demandGoing(execution);
  const isWanted = execution.host.isStopping() || isOutsideWindow(execution);
  if (isWanted && !execution.durable.isInStep) await execution.durable.release();
}

function isOutsideWindow({ task, batch }: Execution): boolean {
  const { window } = task.task.settings;
  if (window === undefined) return false;
  // The database's clock, carried on.
  return !window.isOpen(batch.claimedAt + performance.now() - batch.arrivedAt);
}
