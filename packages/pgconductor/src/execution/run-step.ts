import { demandOption } from '@throughline/core';
import { jsonText } from '../database/json-text.ts';
import { demandName } from '../options/demand-name.ts';
import { demandGoing } from './durable-run.ts';
import type { Execution } from './execution.ts';

/** Gives what the step gave before, or does its work and keeps what that gives. */
export async function step(execution: Execution, name: string, work: () => unknown): Promise<unknown> {
  demandName('step.name', name);
  demandOption(typeof work === 'function', 'step.work', work, 'the function that does the work');
  const { durable } = execution;
  const kept = durable.use(name, 'step');
  if (kept !== undefined) {
    execution.stepKept(name);
    return kept.value;
  }
  return durable.begin(name, () => durable.work(() => runStep(execution, name, work)));
}

/** Real work, done once: a step that was kept does not come here. */
async function runStep(execution: Execution, name: string, work: () => unknown): Promise<unknown> {
  await demandGoing(execution);
  const result = await execution.durable.doStep(name, () => execution.runStep(name, work));
  await demandGoing(execution);
  const text = result === undefined ? undefined : resultText(execution, name, result);
  const outcome = text === undefined ? '"none":true' : `"value":${text}`;
  await execution.host.steps.save(execution, `"key":${JSON.stringify(name)},${outcome}`);
  return text === undefined ? undefined : JSON.parse(text);
}

function resultText({ task, id, host }: Execution, name: string, result: unknown): string {
  const what = `The result of step ${JSON.stringify(name)} of task ${JSON.stringify(task.name)}`;
  const { text, isReplaced } = jsonText(what, result, host.maxPayloadBytes);
  if (isReplaced)
    host.logger.warn('pgconductor: characters of a step that PostgreSQL cannot keep were replaced', {
      task: task.name,
      executionId: String(id),
      step: name,
    });
  return text;
}
