import type { TriggeredEvent } from '../task/task-event.ts';
import { BatchResultInvalidError } from './batch-result-invalid-error.ts';
import type { BatchRun } from './batch-run.ts';
import type { Execution } from './execution.ts';
import { ExecutionTimeoutError } from './execution-timeout-error.ts';
import { fail, resultText, validPayload, validResult } from './run-ending.ts';

/** Runs the handler once for all members and ends each with what became of it. Never rejects. */
export async function runBatch(run: BatchRun): Promise<void> {
  run.begin();
  startTimer(run);
  try {
    const events = await validEvents(run);
    if (run.members.length === 0) return;
    finishAll(run, await run.call(events, new run.host.BatchContext(run)));
  } catch (error) {
    for (const member of run.members) fail(member, error);
  }
}

function startTimer(run: BatchRun): void {
  const { timeoutMs, name } = run.task;
  if (timeoutMs === undefined) return;
  run.timer = setTimeout(() => {
    const error = new ExecutionTimeoutError(name, timeoutMs);
    for (const member of run.members) member.abort(error);
    for (const member of run.members) fail(member, error);
  }, timeoutMs);
}

/** Members whose payload does not fit fail alone, and those that have been cancelled meanwhile are left out, too. */
async function validEvents(run: BatchRun): Promise<readonly TriggeredEvent<string, unknown>[]> {
  const events = await Promise.all(run.members.map(eventOf));
  const fitting = run.members.map(({ outcome }) => outcome === undefined);
  run.members = run.members.filter((_, index) => fitting[index]);
  return events.filter((event, index) => event !== undefined && fitting[index]) as TriggeredEvent<
    string,
    unknown
  >[];
}

async function eventOf(member: Execution): Promise<TriggeredEvent<string, unknown> | undefined> {
  const { task, eventName, payload } = member;
  try {
    return { name: eventName, payload: task.payloads === undefined ? payload : await validPayload(member) };
  } catch (error) {
    fail(member, error);
    return undefined;
  }
}

function finishAll(run: BatchRun, results: unknown): void {
  const { members, task } = run;
  if (results === undefined) for (const member of members) member.complete(undefined);
  else if (!Array.isArray(results) || results.length !== members.length)
    throw new BatchResultInvalidError(task.name, members.length, results);
  else members.forEach((member, index) => void finish(member, results[index]));
}

async function finish(member: Execution, result: unknown): Promise<void> {
  try {
    if (result instanceof Error) throw result;
    if (result === undefined) return member.complete(undefined);
    const valid = member.task.returns === undefined ? result : await validResult(member, result);
    member.complete(resultText(member, valid));
  } catch (error) {
    fail(member, error);
  }
}
