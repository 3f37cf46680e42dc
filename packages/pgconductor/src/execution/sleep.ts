import { demandOption } from '@throughline/core';
import { demandName } from '../options/demand-name.ts';
import { demandGoing } from './durable-run.ts';
import type { Execution } from './execution.ts';

const longestMs = 9e12;

/** Passes when its time has come, and suspends the run until then. */
export async function sleep(execution: Execution, name: string, until: number | Date): Promise<void> {
  demandName('sleep.name', name);
  demandOption(isTime(until), 'sleep.until', until, `milliseconds from 0 to ${longestMs}, or a valid Date`);
  const { durable } = execution;
  durable.demandNoStep(`the sleep ${JSON.stringify(name)}`);
  const kept = durable.use(name, 'sleep');
  if (kept !== undefined && kept.outcome !== null) return;
  const time = typeof until === 'number' ? { delayMs: until } : { untilMs: Math.max(0, until.getTime()) };
  await durable.begin(name, async () => {
    await demandGoing(execution);
    return durable.wait({ key: name, kind: 'sleep', known: kept !== undefined, ...time });
  });
}

function isTime(until: unknown): boolean {
  if (until instanceof Date) return !Number.isNaN(until.getTime());
  return typeof until === 'number' && until >= 0 && until <= longestMs;
}
