import type { Execution } from './execution.ts';
import { ExecutionTimeoutError } from './execution-timeout-error.ts';
import { fail, resultText, validPayload, validResult } from './run-ending.ts';

/**
 * Runs the handler once and ends the execution with what became of it. Never rejects.
 *
 * A run that is suspended ends while its handler still waits: nothing here may then go on.
 */
export async function runExecution(execution: Execution): Promise<void> {
  execution.begin();
  startTimer(execution);
  try {
    const { task, host } = execution;
    const event = {
      name: execution.eventName,
      payload: task.payloads === undefined ? execution.payload : await validPayload(execution),
    };
    let result = await execution.call(event, new host.Context(execution));
    if (result === undefined) return execution.complete(undefined);
    if (task.returns !== undefined) result = await validResult(execution, result);
    execution.complete(resultText(execution, result));
  } catch (error) {
    fail(execution, error);
  }
}

function startTimer(execution: Execution): void {
  const { timeoutMs, name } = execution.task;
  if (timeoutMs === undefined) return;
  execution.timer = setTimeout(() => {
    const error = new ExecutionTimeoutError(name, timeoutMs);
    execution.abort(error);
    fail(execution, error);
  }, timeoutMs);
}
