import { demandOption, demandOptions } from '@throughline/core';
import type { Conductor } from '../conductor/conductor.ts';
import { type ConductorCore, coreOf } from '../conductor/conductor-core.ts';
import { type RunnableTask, runnableTask } from '../execution/runnable-task.ts';
import { demandName } from '../options/demand-name.ts';
import { isPlainObject, isWhole } from '../options/option-checks.ts';
import type { Task } from '../task/create-task.ts';

/** What {@link Orchestrator.create} is told. */
export interface OrchestratorOptions {
  /** Of this package; whose database it works at. */
  readonly conductor: Pick<Conductor, 'cancel' | 'close'>;
  /** The tasks that it runs, made by `conductor.createTask`; at least one. */
  readonly tasks: readonly Task[];
  /** Works only at these queues of the tasks. @default all of them */
  readonly queues?: readonly string[] | undefined;
  /** Executions that run at once, for each queue; 1 to 100,000. @default 10 */
  readonly concurrency?: number | undefined;
  /** The most executions that are claimed, and that are settled, with one statement; 1 to 10,000. @default 500 */
  readonly batchSize?: number | undefined;
  /** How often an empty queue is looked at, when nothing wakes the worker before; milliseconds from 10. @default 1_000 */
  readonly pollMs?: number | undefined;
  /**
   * After how long without a sign of life others take over what this worker holds; milliseconds from 1,000. It gives one
   * three times as often.
   *
   * @default 30_000
   */
  readonly leaseMs?: number | undefined;
}

/** {@link OrchestratorOptions}, every one of them decided. */
export interface OrchestratorSettings {
  readonly core: ConductorCore;
  /** By queue. */
  readonly tasks: ReadonlyMap<string, readonly RunnableTask[]>;
  readonly concurrency: number;
  readonly batchSize: number;
  readonly pollMs: number;
  readonly leaseMs: number;
}

const known = {
  conductor: true,
  tasks: true,
  queues: true,
  concurrency: true,
  batchSize: true,
  pollMs: true,
  leaseMs: true,
} as const satisfies Record<keyof OrchestratorOptions, true>;
const longestMs = 86_400_000;

/** @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` */
export function resolveOrchestrator(options: OrchestratorOptions): OrchestratorSettings {
  demandOptions('Orchestrator', options, known);
  const {
    conductor,
    tasks,
    queues,
    concurrency = 10,
    batchSize = 500,
    pollMs = 1_000,
    leaseMs = 30_000,
  } = options;
  const core = coreOf(conductor);
  demandOption(core !== undefined, 'Orchestrator.conductor', conductor, 'what Conductor.create gave');
  demandWhole('concurrency', concurrency, 1, 100_000);
  demandWhole('batchSize', batchSize, 1, 10_000);
  demandWhole('pollMs', pollMs, 10, longestMs);
  demandWhole('leaseMs', leaseMs, 1_000, longestMs);
  demandTasks(tasks);
  return {
    core: core as ConductorCore,
    tasks: byQueue(core as ConductorCore, tasks, queues),
    concurrency,
    batchSize,
    pollMs,
    leaseMs,
  };
}

function demandWhole(name: string, value: unknown, least: number, most: number): void {
  demandOption(
    isWhole(value, least, most),
    `Orchestrator.${name}`,
    value,
    `a whole number from ${least} to ${most}`,
  );
}

function demandTasks(tasks: readonly Task[]): void {
  demandOption(
    Array.isArray(tasks) && tasks.length > 0,
    'Orchestrator.tasks',
    tasks,
    'a list of at least one task',
  );
  const names = new Set<string>();
  for (const [index, task] of tasks.entries()) {
    const isTask = isPlainObject(task) && typeof task.handler === 'function' && isPlainObject(task.settings);
    demandOption(isTask, `Orchestrator.tasks[${index}]`, task, 'what conductor.createTask gave');
    demandOption(!names.has(task.name), 'Orchestrator.tasks', task.name, 'tasks of different names');
    names.add(task.name);
  }
}

function byQueue(
  core: ConductorCore,
  tasks: readonly Task[],
  queues: readonly string[] | undefined,
): ReadonlyMap<string, readonly RunnableTask[]> {
  const isList = queues === undefined || (Array.isArray(queues) && queues.length > 0);
  demandOption(isList, 'Orchestrator.queues', queues, 'a list of at least one name, or nothing');
  const wanted = queues === undefined ? undefined : new Set(queues);
  const map = new Map<string, RunnableTask[]>();
  for (const task of tasks) {
    if (wanted !== undefined && !wanted.has(task.queue)) continue;
    map.set(task.queue, [...(map.get(task.queue) ?? []), runnableTask(task, core.events)]);
  }
  for (const queue of wanted ?? []) {
    demandName('Orchestrator.queues', queue);
    demandOption(map.has(queue), 'Orchestrator.queues', queue, 'queues of its tasks');
  }
  return map;
}
