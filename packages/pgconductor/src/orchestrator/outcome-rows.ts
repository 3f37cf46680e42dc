import { describeError } from '@throughline/core';
import { jsonText } from '../database/json-text.ts';
import type { Execution } from '../execution/execution.ts';

const maxErrorLength = 2_048;

/** Of the function `complete`: for executions that have completed and that nobody waits for, as few bytes as can be. */
export function completeParameters(batch: readonly Execution[]): string[] {
  const ids: number[] = [];
  const leases: number[] = [];
  const forgotten: number[] = [];
  const stepped: number[] = [];
  let results: string[] | undefined;
  for (const [index, { id, batch: claimed, task, result, hasSteps }] of batch.entries()) {
    ids.push(id);
    leases.push(claimed.lease);
    if (task.forgetsCompleted) forgotten.push(id);
    if (hasSteps) stepped.push(id);
    if (result !== undefined) results ??= new Array<string>(index).fill('null');
    results?.push(result ?? 'null');
  }
  const resultsText = results === undefined ? '[]' : `[${results.join(',')}]`;
  return [arrayText(ids), arrayText(leases), arrayText(forgotten), arrayText(stepped), resultsText];
}

function arrayText(ids: readonly number[]): string {
  return `{${ids.join(',')}}`;
}

/** Of the function `settle`: for any outcome. */
export function settleParameters(batch: readonly Execution[]): string[] {
  return [JSON.stringify({ outcomes: batch.map(outcomeRow) })];
}

function outcomeRow(execution: Execution): object {
  const { id, batch, outcome, task, result } = execution;
  const common = { id, lease: batch.lease, outcome: outcome?.kind, trace: execution.lastTrace };
  switch (outcome?.kind) {
    case 'completed':
      return {
        ...common,
        forget: task.forgetsCompleted,
        result: result === undefined ? null : JSON.parse(result),
        none: result === undefined,
      };
    case 'failed':
      return {
        ...common,
        forget: task.forgetsFailed,
        error: storedError(outcome.error),
        delayMs: outcome.delayMs,
        maxAttempts: task.maxAttempts,
      };
    case 'dead':
    case 'canceled':
      return { ...common, forget: task.forgetsFailed, error: storedError(outcome.error) };
    case 'released':
      return {
        ...common,
        delayMs: outcome.delayMs,
        unstarted: outcome.isUnstarted,
        regate: outcome.isUngated,
      };
    default:
      return { ...common, waits: outcome?.waits };
  }
}

function storedError(error: unknown): unknown {
  const described = describeError(error, { stack: true, maxMessageLength: maxErrorLength });
  return JSON.parse(jsonText('an error', described, Number.POSITIVE_INFINITY).text);
}
