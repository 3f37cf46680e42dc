import { demandOption, demandOptions } from '@throughline/core';
import type { StoredError } from '@throughline/core/events';
import { demandName } from '../options/demand-name.ts';
import { isWhole } from '../options/option-checks.ts';
import { demandFitting, writePayload } from '../task/payload-text.ts';
import { type InvokedTask, invokedTask } from '../task/task-catalog.ts';
import type { ChildOptions, TaskReference } from '../task/task-context.ts';
import { ChildFailedError } from './child-failed-error.ts';
import { demandGoing } from './durable-run.ts';
import type { Execution } from './execution.ts';
import type { KeptStep } from './kept-step.ts';
import type { ChildWait } from './wait.ts';
import { WaitTimeoutError } from './wait-timeout-error.ts';

const known = { timeoutMs: true, priority: true } as const satisfies Record<keyof ChildOptions, true>;
const longestMs = 9e12;

/** Gives what the child returned, and suspends the run until it has. */
export async function invokeChild(
  execution: Execution,
  name: string,
  task: TaskReference,
  payload: unknown,
  options: ChildOptions = {},
): Promise<unknown> {
  demandName('invoke.name', name);
  demandChildOptions(options);
  const { durable } = execution;
  durable.demandNoStep(`the child ${JSON.stringify(name)}`);
  const kept = durable.use(name, 'child');
  if (kept !== undefined && kept.outcome !== null) return resultOf(name, task, kept);
  return durable.begin(name, async () => {
    const asked = kept === undefined ? askedChild(execution, task, payload) : undefined;
    await demandGoing(execution);
    if (asked === undefined) return durable.wait({ key: name, kind: 'child', known: true });
    return durable.wait(await durable.work(() => newChild(execution, name, asked, options)));
  });
}

interface AskedChild {
  readonly task: InvokedTask;
  /** As JSON makes it; `undefined` for none. */
  readonly payload: unknown;
}

/** As it was asked for: the handler may change its object. */
function askedChild({ host }: Execution, reference: TaskReference, payload: unknown): AskedChild {
  const task = invokedTask(host.catalog, 'invoke', reference);
  const text = writePayload('task', task, payload, host.maxPayloadBytes);
  return { task, payload: payload === undefined ? undefined : JSON.parse(text) };
}

/** The database starts it in the statement that suspends its parent. */
async function newChild(
  execution: Execution,
  key: string,
  { task, payload }: AskedChild,
  { timeoutMs, priority }: ChildOptions,
): Promise<ChildWait> {
  await demandFitting('task', task, payload);
  return {
    key,
    kind: 'child',
    known: false,
    task: task.name,
    queue: task.queue,
    payload: payload ?? null,
    absent: payload === undefined,
    trace: execution.invoking(key, task, payload),
    priority,
    delayMs: timeoutMs,
  };
}

function resultOf(name: string, task: TaskReference, { outcome, value, error, child }: KeptStep): unknown {
  if (outcome === 'timeout') throw new WaitTimeoutError(name, `task ${JSON.stringify(task.name)}`);
  if (outcome === 'failed') throw new ChildFailedError(task.name, String(child), error as StoredError);
  return value;
}

function demandChildOptions(options: ChildOptions): void {
  demandOptions('invoke.options', options, known);
  const { timeoutMs, priority } = options;
  demandOption(
    timeoutMs === undefined || isWhole(timeoutMs, 1, longestMs),
    'invoke.options.timeoutMs',
    timeoutMs,
    `whole milliseconds from 1 to ${longestMs}`,
  );
  demandOption(
    priority === undefined || isWhole(priority, -(2 ** 31), 2 ** 31 - 1),
    'invoke.options.priority',
    priority,
    'a whole number of 32 bits',
  );
}
