import { demandOption, demandOptions } from '@throughline/core';

/** A state of jobs in a queue, in BullMQ's words. `paused` is there in BullMQ 5 only. */
export type QueueState =
  | 'waiting'
  | 'active'
  | 'delayed'
  | 'prioritized'
  | 'paused'
  | 'waiting-children'
  | 'completed'
  | 'failed';

/** How `observeQueue` behaves. */
export interface ObserveQueueOptions {
  /**
   * Ms between two polls of the process that polls; 10 % more or less, by chance. From 100 to 86,400,000 (a day). The
   * ready-made dashboard takes polls that are more than 3 minutes old for outdated.
   *
   * @default 15000
   */
  readonly intervalMs?: number | undefined;
  /**
   * The states that are counted; for an empty list, all. The ready-made alert rules need `waiting`, `prioritized` and
   * `active`.
   *
   * @default all that the version of BullMQ has
   */
  readonly states?: readonly QueueState[] | undefined;
  /**
   * Whether to look for the oldest job that waits.
   *
   * @default true
   */
  readonly oldestWaiting?: boolean | undefined;
}

/** {@link ObserveQueueOptions}, every one of them decided. */
export interface ObserveQueueSettings {
  readonly intervalMs: number;
  readonly states: readonly QueueState[];
  readonly oldestWaiting: boolean;
}

const known: Readonly<Record<keyof ObserveQueueOptions, true>> = {
  intervalMs: true,
  states: true,
  oldestWaiting: true,
};
const knownStates: Readonly<Record<QueueState, true>> = {
  waiting: true,
  active: true,
  delayed: true,
  prioritized: true,
  paused: true,
  'waiting-children': true,
  completed: true,
  failed: true,
};
const longestIntervalMs = 86_400_000;

/** @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` */
export function resolveObserveQueue(options: ObserveQueueOptions = {}): ObserveQueueSettings {
  demandOptions('observeQueue', options, known);
  const { intervalMs = 15_000, states = [], oldestWaiting = true } = options;
  const isInterval = typeof intervalMs === 'number' && intervalMs >= 100 && intervalMs <= longestIntervalMs;
  demand(isInterval, 'intervalMs', intervalMs, 'ms from 100 to 86400000 (a day)');
  demand(Array.isArray(states), 'states', states, 'a list of states');
  states.forEach(demandState);
  demand(typeof oldestWaiting === 'boolean', 'oldestWaiting', oldestWaiting, 'true or false');
  return { intervalMs, states: [...states], oldestWaiting };
}

function demand(isMet: boolean, name: string, received: unknown, expected: string): void {
  demandOption(isMet, `observeQueue.${name}`, received, expected);
}

/** BullMQ counts no jobs of a state that it does not know, and says nothing. */
function demandState(state: unknown, index: number): void {
  const isKnown = typeof state === 'string' && Object.hasOwn(knownStates, state);
  demand(isKnown, `states[${index}]`, state, `one of ${Object.keys(knownStates).join(', ')}`);
}
