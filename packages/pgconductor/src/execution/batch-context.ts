import type { BatchedExecution } from '../task/task-context.ts';
import type { BatchRun } from './batch-run.ts';
import { RunContext } from './run-context.ts';

/** What the handler of a batch is given. */
export class BatchContext extends RunContext<BatchRun> {
  /** One for each event, in the same order. */
  readonly executions: readonly BatchedExecution[];

  constructor(run: BatchRun) {
    super(run);
    this.executions = run.members.map(({ id, attempt }) => ({ executionId: String(id), attempt }));
  }
}
