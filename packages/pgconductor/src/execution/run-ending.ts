import { jsonText } from '../database/json-text.ts';
import { ValueUnstorableError } from '../database/value-unstorable-error.ts';
import { isNonRetryable } from '../retry/non-retryable-error.ts';
import { retryDelay } from '../retry/retry-delay.ts';
import { PayloadInvalidError } from '../task/payload-invalid-error.ts';
import { ResultInvalidError } from '../task/result-invalid-error.ts';
import { invokeEventName } from '../task/task-event.ts';
import { validatePayload } from '../task/validate-payload.ts';
import { CanceledError } from './canceled-error.ts';
import { ChildFailedError } from './child-failed-error.ts';
import type { Execution } from './execution.ts';
import type { Outcome } from './outcome.ts';
import { ReleasedError } from './released-error.ts';
import { WaitTimeoutError } from './wait-timeout-error.ts';

/** What the schema of the event makes of the payload. */
export async function validPayload({ task, payload, eventName }: Execution): Promise<unknown> {
  const validation = await validatePayload(task.payloads?.get(eventName), payload);
  if (validation.isValid) return validation.value;
  if (eventName === invokeEventName) throw new PayloadInvalidError('task', task.name, validation.issues);
  throw new PayloadInvalidError('event', eventName, validation.issues);
}

/** What is stored is what the handler returned: its readers have the schema, too. */
export async function validResult({ task }: Execution, result: unknown): Promise<unknown> {
  const validation = await validatePayload(task.returns, result);
  if (!validation.isValid) throw new ResultInvalidError(task.name, validation.issues);
  return result;
}

export function resultText(execution: Execution, result: unknown): string {
  const { task, host } = execution;
  const { text, isReplaced } = jsonText(
    `The result of task ${JSON.stringify(task.name)}`,
    result,
    host.maxPayloadBytes,
  );
  if (isReplaced)
    host.logger.warn('pgconductor: characters of a result that PostgreSQL cannot keep were replaced', {
      task: task.name,
      executionId: String(execution.id),
    });
  return text;
}

/** Ends a run with what it failed with: anything can be thrown, also what refuses to be looked at. */
export function fail(execution: Execution, error: unknown): void {
  let outcome: Outcome;
  try {
    outcome = outcomeOf(execution, error);
  } catch (cause) {
    outcome = outcomeOf(execution, new Error('What was thrown cannot be read.', { cause }));
  }
  execution.end(outcome);
}

function outcomeOf(execution: Execution, error: unknown): Outcome {
  if (execution.isAborted && error instanceof CanceledError) return { kind: 'canceled', error };
  if (execution.isAborted && error instanceof ReleasedError)
    return { kind: 'released', delayMs: 0, isUnstarted: false, isUngated: false };
  if (isFinal(error)) return { kind: 'dead', error };
  return { kind: 'failed', error, delayMs: delayAfter(execution, error) };
}

function delayAfter({ task, failures, host }: Execution, error: unknown): number {
  const { delayMs, problem } = retryDelay(task.task.settings.backoff, { failures: failures + 1, error });
  if (problem !== undefined)
    host.logger.warn('pgconductor: a backoff function gave no delay; the default holds', {
      task: task.name,
      problem,
    });
  return delayMs;
}

/** What another attempt would not change: what a child or a wait came to is kept, and comes to the same at each run. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof PayloadInvalidError ||
    error instanceof ValueUnstorableError ||
    error instanceof ChildFailedError ||
    error instanceof WaitTimeoutError ||
    isNonRetryable(error)
  );
}
