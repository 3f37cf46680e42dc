import { conductorCommands } from '../conductor/conductor-commands.ts';
import type { ConductorCore } from '../conductor/conductor-core.ts';
import { BatchContext } from '../execution/batch-context.ts';
import { type BatchHost, BatchRun } from '../execution/batch-run.ts';
import { Execution } from '../execution/execution.ts';
import { ExecutionContext } from '../execution/execution-context.ts';
import { contextWith } from '../execution/run-context.ts';
import type { StepSaver } from '../execution/step-saver.ts';
import { TracedBatchRun } from '../telemetry/traced-batch-run.ts';
import { TracedExecution } from '../telemetry/traced-execution.ts';

/** What {@link executionHost} is made of. */
export interface ExecutionHostParts {
  readonly core: ConductorCore;
  /** Id of the orchestrator. */
  readonly worker: string;
  readonly steps: StepSaver;
  isStopping(): boolean;
  ended(execution: Execution): void;
}

/** What the executions of one queue share. They are of another class where telemetry listens, so that without it nothing is asked. */
export function executionHost({ core, worker, steps, isStopping, ended }: ExecutionHostParts): BatchHost {
  const { telemetry, logger, maxPayloadBytes, context } = core;
  const host: BatchHost = {
    worker,
    catalog: core,
    commands: conductorCommands(core),
    steps,
    logger,
    maxPayloadBytes,
    Context: contextWith(ExecutionContext, context),
    BatchContext: contextWith(BatchContext, context),
    batchRun: (task) =>
      telemetry === undefined ? new BatchRun(host, task) : new TracedBatchRun(host, task, telemetry),
    execution: (batch, place, task) =>
      telemetry === undefined
        ? new Execution(host, batch, place, task)
        : new TracedExecution(host, batch, place, task, telemetry),
    isStopping,
    ended,
  };
  return host;
}
